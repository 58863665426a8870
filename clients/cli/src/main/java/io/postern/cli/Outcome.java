package io.postern.cli;

import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** What has become of a request, as a script wants to know it: pure. */
sealed interface Outcome {
  /** Nothing final yet. */
  record Pending(String state) implements Outcome {}

  /** Every machine's port is open. */
  record Open(JsonNode request) implements Outcome {}

  /** It will not be open, or is no more; at least one machine's. */
  record Over(JsonNode request, String why) implements Outcome {}

  /** Reads the answer of {@code GET /api/v1/requests/{id}}. */
  static Outcome of(JsonNode request) {
    String state = request.path("state").asString("?");
    if (List.of("DENIED", "WITHDRAWN", "TIMED_OUT").contains(state)) {
      return new Over(request, state + reasons(request));
    }
    List<JsonNode> grants = request.path("grants").valueStream().toList();
    for (JsonNode grant : grants) {
      String now = grant.path("state").asString("?");
      if (List.of("FAILED", "CLOSED", "CLOSING").contains(now)) {
        return new Over(
            request,
            "%s %s: %s"
                .formatted(
                    grant.path("machine").asString("?"), now, grant.path("reason").asString("-")));
      }
    }
    boolean all = grants.size() == request.path("machines").size();
    boolean open = grants.stream().allMatch(g -> g.path("state").asString("").equals("OPEN"));
    if (all && open && state.equals("GRANTED")) {
      return new Open(request);
    }
    return new Pending(
        grants.isEmpty()
            ? state
            : grants.stream()
                .map(g -> g.path("state").asString("?"))
                .distinct()
                .collect(Collectors.joining(", ")));
  }

  private static String reasons(JsonNode request) {
    return request
        .path("reasons")
        .valueStream()
        .map(r -> "\n  " + r.path("machine").asString("?") + ": " + r.path("message").asString(""))
        .collect(Collectors.joining());
  }
}
