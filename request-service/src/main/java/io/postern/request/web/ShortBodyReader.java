package io.postern.request.web;

import io.postern.model.FieldError;
import io.postern.model.InvalidValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads a body of a few texts; every mistake is collected with its field. */
final class ShortBodyReader {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int LONGEST_TEXT = 1000;

  private final JsonNode node;
  private final List<FieldError> errors = new ArrayList<>();

  private ShortBodyReader(JsonNode node) {
    this.node = node;
  }

  /**
   * Takes a body.
   *
   * @param fields those that it may have
   * @throws Problem when it is no JSON object
   */
  static ShortBodyReader of(String body, Set<String> fields) {
    ShortBodyReader reader = new ShortBodyReader(parse(body));
    reader.node.propertyNames().stream()
        .filter(n -> !fields.contains(n))
        .forEach(n -> reader.error(n, "is not supported"));
    return reader;
  }

  /** A text that may be left out. */
  Optional<String> text(String field) {
    String text = node.path(field).asString("");
    if (text.length() > LONGEST_TEXT) {
      error(field, "must not be longer than " + LONGEST_TEXT + " characters");
    }
    return text.isBlank() ? Optional.empty() : Optional.of(text);
  }

  /** A value that must be there; empty only when it is wrong. */
  <T> Optional<T> value(String field, Function<String, T> read) {
    if (!node.path(field).isValueNode()) {
      error(field, "must be given");
      return Optional.empty();
    }
    try {
      return Optional.of(read.apply(node.path(field).asString("")));
    } catch (InvalidValueException e) {
      errors.add(new FieldError(field, e.rule(), e.given()));
      return Optional.empty();
    }
  }

  /**
   * To be called once everything is read.
   *
   * @throws Problem that names every field that is wrong
   */
  void check() {
    if (!errors.isEmpty()) {
      throw Problem.invalid(errors);
    }
  }

  private static JsonNode parse(String body) {
    try {
      JsonNode node = JSON.readTree(body);
      if (node != null && node.isObject()) {
        return node;
      }
    } catch (JacksonException e) {
      throw Problem.invalid("", "must be JSON", shorten(body));
    }
    throw Problem.invalid("", "must be a JSON object", shorten(body));
  }

  private void error(String field, String rule) {
    JsonNode given = node.path(field);
    errors.add(
        new FieldError(field, rule, given.isMissingNode() ? "nothing" : shorten(given.toString())));
  }

  private static String shorten(String text) {
    return text.length() > 200 ? text.substring(0, 200) : text;
  }
}
