package io.postern.request.web;

import io.postern.model.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the body of an approval: {@code decision}, {@code reason}, {@code digest}. */
final class ApprovalBodyReader {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Set<String> FIELDS = Set.of("decision", "reason", "digest");
  private static final int LONGEST_REASON = 1000;

  /**
   * What an approver says.
   *
   * @param digest of what the approver saw; without it what the request has now is meant
   */
  record Answer(boolean approves, Optional<String> reason, Optional<String> digest) {}

  private ApprovalBodyReader() {}

  /**
   * Reads a body.
   *
   * @throws Problem that names every field that is wrong
   */
  static Answer read(String body) {
    JsonNode node = parse(body);
    List<FieldError> errors = new ArrayList<>();
    node.propertyNames().stream()
        .filter(n -> !FIELDS.contains(n))
        .forEach(n -> errors.add(new FieldError(n, "is not supported", shown(node.path(n)))));
    String decision = node.path("decision").asString("");
    if (!decision.equals("approve") && !decision.equals("refuse")) {
      errors.add(
          new FieldError("decision", "must be approve or refuse", shown(node.path("decision"))));
    }
    String reason = node.path("reason").asString("");
    if (reason.length() > LONGEST_REASON) {
      errors.add(
          new FieldError(
              "reason",
              "must not be longer than " + LONGEST_REASON + " characters",
              shown(node.path("reason"))));
    }
    if (!errors.isEmpty()) {
      throw Problem.invalid(errors);
    }
    String digest = node.path("digest").asString("");
    return new Answer(
        decision.equals("approve"),
        reason.isBlank() ? Optional.empty() : Optional.of(reason),
        digest.isEmpty() ? Optional.empty() : Optional.of(digest));
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

  private static String shown(JsonNode node) {
    return node.isMissingNode() ? "nothing" : shorten(node.toString());
  }

  private static String shorten(String text) {
    return text.length() > 200 ? text.substring(0, 200) : text;
  }
}
