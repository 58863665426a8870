package io.postern.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Asking, and answering who asks. */
final class RequestCommands {
  private static final String REQUESTS = "/api/v1/requests";

  private RequestCommands() {}

  /** {@code postern request}. */
  @Command(
      name = "request",
      mixinStandardHelpOptions = true,
      description = "Ask for ports of machines, and wait until they are open.")
  static final class Ask implements Callable<Integer> {
    @Mixin Session session = new Session();
    @Mixin Asking asking = new Asking();

    @Parameters(paramLabel = "MACHINE", arity = "1..*", description = "id or name")
    List<String> machines = List.of();

    @Option(names = "--no-wait", description = "print the request's id and end")
    boolean noWait;

    @Option(
        names = "--all-or-nothing",
        description = "grant all machines or none; otherwise those that may be")
    boolean allOrNothing;

    @Override
    public Integer call() {
      JsonNode submitted = asking.submit(session, machines, allOrNothing);
      String id = submitted.path("id").asString("");
      if (noWait) {
        if (session.json) {
          session.print(submitted);
        }
        session.say(id);
        return Exit.OK;
      }
      session.say("request " + id);
      show(session, session.awaitOpen(id, asking.patience()));
      return Exit.OK;
    }
  }

  private static void show(Session session, JsonNode request) {
    if (session.json) {
      session.print(request);
      return;
    }
    for (JsonNode grant : request.path("grants")) {
      for (JsonNode c : grant.path("connect")) {
        session.say(
            "open: %s port %s/%s until %s (grant %s)"
                .formatted(
                    c.path("address").asString("?"),
                    c.path("port").asString("?"),
                    c.path("protocol").asString("TCP"),
                    grant.path("expiresAt").asString("?"),
                    grant.path("id").asString("?")));
      }
    }
  }

  /** {@code postern watch}. */
  @Command(
      name = "watch",
      mixinStandardHelpOptions = true,
      description = "Show what becomes of a request, until its last port is closed.")
  static final class Watch implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(paramLabel = "REQUEST", description = "the request's id")
    String id = "";

    @Override
    public Integer call() {
      String shown = "";
      while (true) {
        JsonNode request = session.rest().get(REQUESTS + "/" + id);
        String now = line(request);
        if (!now.equals(shown)) {
          shown = now;
          if (session.json) {
            session.print(request);
          }
          session.say(now);
        }
        if (isOver(request)) {
          return Exit.OK;
        }
        session.pause();
      }
    }

    private static String line(JsonNode request) {
      StringBuilder text = new StringBuilder(request.path("state").asString("?"));
      for (JsonNode g : request.path("grants")) {
        text.append("  ")
            .append(Text.last(g.path("machine").asString("?")))
            .append(' ')
            .append(g.path("state").asString("?"));
        if (g.path("reason").isString()) {
          text.append(" (").append(g.path("reason").asString("")).append(')');
        }
      }
      return text.toString();
    }

    private static boolean isOver(JsonNode request) {
      String state = request.path("state").asString("");
      boolean decided = !List.of("SUBMITTED", "PENDING_APPROVAL").contains(state);
      return decided
          && request
              .path("grants")
              .valueStream()
              .allMatch(g -> List.of("CLOSED", "FAILED").contains(g.path("state").asString("")));
    }
  }

  /** {@code postern requests}. */
  @Command(
      name = "requests",
      mixinStandardHelpOptions = true,
      description = "List requests: one's own, and those that one may answer.")
  static final class Requests implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Option(names = "--state", paramLabel = "STATE", description = "such as PENDING_APPROVAL")
    @Nullable String state;

    @Override
    public Integer call() {
      List<JsonNode> found =
          session.rest().list(REQUESTS + (state == null ? "" : "?state=" + Text.encoded(state)));
      Table table = new Table("REQUEST", "STATE", "WHO", "MACHINES", "SUBMITTED", "WHY");
      for (JsonNode r : found) {
        table.row(
            r.path("id").asString(""),
            r.path("state").asString(""),
            r.path("requestor").asString(""),
            Text.last(r.path("machines")),
            r.path("submittedAt").asString("-"),
            r.path("justification").asString("-"));
      }
      session.print(found, table);
      return Exit.OK;
    }
  }

  /** {@code postern approve}. */
  @Command(
      name = "approve",
      mixinStandardHelpOptions = true,
      description = "Agree to a request, exactly as it is shown.")
  static final class Approve extends Answer {
    @Override
    String decision() {
      return "approve";
    }
  }

  /** {@code postern refuse}. */
  @Command(
      name = "refuse",
      mixinStandardHelpOptions = true,
      description = "Refuse a request; one refusal is final.")
  static final class Refuse extends Answer {
    @Override
    String decision() {
      return "refuse";
    }
  }

  abstract static class Answer implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(paramLabel = "REQUEST", description = "the request's id")
    String id = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "why")
    @Nullable String reason;

    abstract String decision();

    @Override
    public Integer call() {
      String path = REQUESTS + "/" + id;
      JsonNode request = session.rest().get(path);
      ObjectNode body = JsonMapper.shared().createObjectNode().put("decision", decision());
      if (reason != null) {
        body.put("reason", reason);
      }
      JsonNode waiting = request.path("approvals").path(0);
      if (waiting.isObject()) {
        // What is shown is what is answered.
        body.put("digest", waiting.path("digest").asString(""));
        session.say(
            "%s asks for %s on %s from %s for %s"
                .formatted(
                    request.path("requestor").asString("?"),
                    Text.ports(waiting.path("ports")),
                    Text.last(request.path("machines")),
                    Text.joined(waiting.path("sources")),
                    waiting.path("duration").asString("?")));
      }
      session.rest().call("POST", path + "/approval", body, Map.of());
      session.say(decision() + " is on the log");
      return Exit.OK;
    }
  }

  /** {@code postern withdraw}. */
  @Command(
      name = "withdraw",
      mixinStandardHelpOptions = true,
      description = "Take a request back; what it opened is closed.")
  static final class Withdraw implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(paramLabel = "REQUEST", description = "the request's id")
    String id = "";

    @Override
    public Integer call() {
      session.rest().call("DELETE", REQUESTS + "/" + id, null, Map.of());
      session.say("the withdrawal is on the log");
      return Exit.OK;
    }
  }
}
