package io.postern.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.PatternSyntaxException;

/**
 * Reads fields of a document and collects every mistake with the path of its field, such as {@code
 * ports[0].port}. Not safe for use by several threads.
 */
public final class FieldReader {
  private final List<FieldError> errors = new ArrayList<>();
  private final Map<String, Set<String>> fields = new TreeMap<>();

  /** What is wrong with what was read so far, in the order of reading. */
  public List<FieldError> errors() {
    return List.copyOf(errors);
  }

  public void add(FieldError error) {
    errors.add(error);
  }

  <E extends Enum<E>> E oneOf(JsonNode doc, String field, Class<E> type, E otherwise) {
    if (!doc.has(field)) {
      return otherwise;
    }
    for (E e : type.getEnumConstants()) {
      if (e.name().equalsIgnoreCase(doc.path(field).asText())) {
        return e;
      }
    }
    error(field, "must be one of " + List.of(type.getEnumConstants()), doc.path(field));
    return otherwise;
  }

  /**
   * Reads a list that must have at least one entry.
   *
   * @param parent the path of {@code doc} with a dot behind it; empty at the top
   * @param read reads one entry at its path; empty when it is wrong, and then says so here
   */
  public <T> List<T> list(
      JsonNode doc, String field, String parent, BiFunction<JsonNode, String, Optional<T>> read) {
    JsonNode array = doc.path(field);
    List<T> items = new ArrayList<>();
    if (!array.isArray() || array.isEmpty()) {
      error(parent + field, "must be a list with at least one entry", array);
    }
    for (int i = 0; i < array.size(); i++) {
      read.apply(array.get(i), parent + field + "[" + i + "]").ifPresent(items::add);
    }
    return items;
  }

  /** Reads the people of an object: its fields {@code subjects} and {@code identities}. */
  Set<Subject> subjects(JsonNode people, String path) {
    Set<Subject> all = new HashSet<>();
    texts(people.path("subjects"), path + ".subjects")
        .forEach(s -> value(path + ".subjects", s, Subject::plain).ifPresent(all::add));
    JsonNode identities = people.path("identities");
    if (!identities.isMissingNode() && !identities.isArray()) {
      error(path + ".identities", "must be a list", identities);
    }
    for (int i = 0; i < identities.size(); i++) {
      JsonNode one = identities.get(i);
      String at = path + ".identities[" + i + "]";
      known(one, at, Set.of("issuer", "subject"));
      value(at, one.path("subject").asText(), s -> Subject.of(one.path("issuer").asText(), s))
          .ifPresent(all::add);
    }
    return all;
  }

  Set<String> texts(JsonNode array, String path) {
    Set<String> texts = new HashSet<>();
    if (!array.isMissingNode() && !array.isArray()) {
      error(path, "must be a list", array);
    }
    array.forEach(e -> texts.add(e.asText()));
    return texts;
  }

  /** Reads a text; empty, and an error is kept, when {@code read} refuses it. */
  public <T> Optional<T> value(String path, String text, Function<String, T> read) {
    try {
      return Optional.of(read.apply(text));
    } catch (InvalidValueException e) {
      errors.add(new FieldError(path, e.rule(), e.given()));
    } catch (PatternSyntaxException e) {
      errors.add(new FieldError(path, "must be a regular expression", text));
    }
    return Optional.empty();
  }

  /** The fields that each object read so far may have, by its path without indexes. */
  Map<String, Set<String>> fields() {
    return fields;
  }

  void known(JsonNode node, String path, Set<String> names) {
    fields.put(path.replaceAll("\\[[0-9]+]", "[]"), names);
    if (node.isMissingNode()) {
      return;
    }
    if (!node.isObject()) {
      error(path, "must be an object", node);
      return;
    }
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    node.fields().forEachRemaining(f -> fields.put(f.getKey(), f.getValue()));
    fields.forEach(
        (name, given) -> {
          if (!names.contains(name)) {
            error(path.isEmpty() ? name : path + "." + name, "is not supported", given);
          }
        });
  }

  static Optional<String> optional(JsonNode node, String field) {
    return node.hasNonNull(field) ? Optional.of(node.path(field).asText()) : Optional.empty();
  }

  /** Keeps an error; {@code given} is shown up to a limit. */
  public void error(String path, String rule, JsonNode given) {
    String text = given.isMissingNode() ? "nothing" : given.toString();
    errors.add(new FieldError(path, rule, text.length() > 200 ? text.substring(0, 200) : text));
  }
}
