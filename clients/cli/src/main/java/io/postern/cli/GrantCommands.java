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

/** What is open. */
final class GrantCommands {
  private static final String GRANTS = "/api/v1/grants";

  private GrantCommands() {}

  /** {@code postern list}. */
  @Command(name = "list", mixinStandardHelpOptions = true, description = "List what is open now.")
  static final class Grants implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Option(names = "--all", description = "what is over, too")
    boolean all;

    @Option(names = "--machine", paramLabel = "MACHINE", description = "of one machine: id or name")
    @Nullable String machine;

    @Override
    public Integer call() {
      String path =
          GRANTS
              + "?"
              + (all ? "" : "state=OPEN&")
              + (machine == null ? "" : "machine=" + Text.encoded(session.machine(machine)));
      List<JsonNode> found = session.rest().list(path);
      Table table = new Table("GRANT", "STATE", "WHO", "MACHINE", "PORTS", "FROM", "UNTIL");
      for (JsonNode g : found) {
        table.row(
            g.path("id").asString(""),
            g.path("state").asString(""),
            g.path("requestor").asString(""),
            Text.last(g.path("machine").asString("")),
            Text.ports(g.path("ports")),
            Text.joined(g.path("sources")),
            g.path("expiresAt").asString("-"));
      }
      session.print(found, table);
      return Exit.OK;
    }
  }

  /** {@code postern extend}. */
  @Command(
      name = "extend",
      mixinStandardHelpOptions = true,
      description = "Ask for more time, as far as the policy goes.")
  static final class Extend implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(index = "0", paramLabel = "GRANT", description = "the grant's id")
    String id = "";

    @Parameters(index = "1", paramLabel = "DURATION", description = "by how much: 30m")
    String by = "";

    @Option(names = "--why", paramLabel = "TEXT", description = "the justification")
    @Nullable String why;

    @Override
    public Integer call() {
      ObjectNode body = JsonMapper.shared().createObjectNode();
      body.put("duration", Durations.parse(by).toString());
      if (why != null) {
        body.put("justification", why);
      }
      session.rest().call("POST", GRANTS + "/" + id + "/extension", body, Map.of());
      session.say("the wish is on the log; see: postern list");
      return Exit.OK;
    }
  }

  /** {@code postern close}. */
  @Command(
      name = "close",
      mixinStandardHelpOptions = true,
      description = "Close before the time is up, and wait until it is closed.")
  static final class Close implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(paramLabel = "GRANT", description = "the grant's id")
    String id = "";

    @Option(names = "--timeout", paramLabel = "DURATION", description = "2m when left out")
    String timeout = "2m";

    @Override
    public Integer call() {
      session.rest().call("DELETE", GRANTS + "/" + id, null, Map.of());
      long deadline = System.nanoTime() + Durations.parse(timeout).toNanos();
      while (System.nanoTime() < deadline) {
        for (JsonNode g : session.rest().list(GRANTS)) {
          String state = g.path("state").asString("");
          if (g.path("id").asString("").equals(id) && List.of("CLOSED", "FAILED").contains(state)) {
            if (session.json) {
              session.print(g);
            }
            session.say(state + ": " + g.path("reason").asString("-"));
            return Exit.OK;
          }
        }
        session.pause();
      }
      throw new CliException(Exit.TIMEOUT, "not closed within " + timeout + "; it will be");
    }
  }
}
