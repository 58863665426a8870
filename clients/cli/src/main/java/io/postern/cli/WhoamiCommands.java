package io.postern.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Who one is to Postern, and what one may ask for. */
final class WhoamiCommands {
  private WhoamiCommands() {}

  private static Table table(List<JsonNode> offers) {
    Table table = new Table("MACHINE", "PORT", "FROM", "AT MOST", "POLICY", "BUT");
    for (JsonNode o : offers) {
      table.row(
          o.path("name").asString(""),
          o.path("port").asString("") + "/" + o.path("protocol").asString(""),
          o.path("sources").isEmpty() ? "one address" : Text.joined(o.path("sources")),
          o.path("maxDuration").asString(""),
          o.path("policy").asString(""),
          but(o));
    }
    return table;
  }

  private static String but(JsonNode offer) {
    List<String> all =
        List.of(
            offer.path("now").asBoolean(false) ? "" : "not at this hour",
            offer.path("approval").asBoolean(false) ? "approved by others" : "",
            offer.path("justification").asBoolean(false) ? "with a justification" : "",
            offer.path("conditional").asBoolean(false) ? "more is checked" : "");
    String joined = String.join(", ", all.stream().filter(t -> !t.isEmpty()).toList());
    return joined.isEmpty() ? "-" : joined;
  }

  /** {@code postern whoami}. */
  @Command(
      name = "whoami",
      mixinStandardHelpOptions = true,
      description = "Say who you are to Postern, from where, and what you may ask for.")
  static final class Whoami implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Override
    public Integer call() {
      JsonNode me = session.rest().get("/api/v1/whoami");
      if (session.json) {
        session.print(me);
        return Exit.OK;
      }
      session.say(
          "%s of %s, in %s, from %s"
              .formatted(
                  me.path("subject").asString(""),
                  me.path("issuer").asString(""),
                  Text.joined(me.path("groups")),
                  me.path("address").asString("")));
      session.print(
          me.path("mayAsk").valueStream().toList(),
          table(me.path("mayAsk").valueStream().toList()));
      return Exit.OK;
    }
  }

  /** {@code postern can-i}. */
  @Command(
      name = "can-i",
      mixinStandardHelpOptions = true,
      description = "Say whether you may ask for a port of a machine: 0 if so, 1 if not.")
  static final class CanI implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(index = "0", paramLabel = "MACHINE", description = "its name or id")
    String machine = "";

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "PORT",
        description = "a port, or 53/udp; any when left out")
    String port = "";

    @Override
    public Integer call() {
      String id = session.machine(machine);
      List<JsonNode> offers =
          session
              .rest()
              .get("/api/v1/whoami?machine=" + URLEncoder.encode(id, StandardCharsets.UTF_8))
              .path("mayAsk")
              .valueStream()
              .filter(o -> port.isEmpty() || covers(o, port))
              .toList();
      session.print(offers, table(offers));
      return offers.isEmpty() ? Exit.REFUSED : Exit.OK;
    }

    private static boolean covers(JsonNode offer, String asked) {
      String[] parts = asked.split("/", 2);
      String protocol = parts.length == 2 ? parts[1].toUpperCase(Locale.ROOT) : "TCP";
      String offered = offer.path("protocol").asString("");
      if (!offered.equals("ANY") && !offered.equals(protocol)) {
        return false;
      }
      String[] range = offer.path("port").asString("").split("-", 2);
      try {
        int number = Integer.parseInt(parts[0]);
        return Integer.parseInt(range[0]) <= number
            && number <= Integer.parseInt(range[range.length - 1]);
      } catch (NumberFormatException e) {
        throw new CliException(Exit.USAGE, "not a port: " + asked);
      }
    }
  }
}
