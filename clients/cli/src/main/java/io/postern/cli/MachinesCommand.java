package io.postern.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** {@code postern machines}. */
@Command(
    name = "machines",
    mixinStandardHelpOptions = true,
    description = "List the machines that the enforcers have seen.")
final class MachinesCommand implements Callable<Integer> {
  @Mixin Session session = new Session();

  @Override
  public Integer call() {
    List<JsonNode> found = session.rest().list("/api/v1/machines");
    Table table =
        new Table("NAME", "ASSESSMENT", "SEVERITY", "REASON", "LOCKED BY", "ADDRESSES", "ID");
    for (JsonNode m : found) {
      table.row(
          m.path("name").asString(""),
          m.path("assessment").asString(""),
          m.path("severity").asString("-"),
          m.path("reason").asString(""),
          lockedBy(m.path("lockdown")),
          Text.joined(
              m.path("publicAddresses").isEmpty()
                  ? m.path("privateAddresses")
                  : m.path("publicAddresses")),
          m.path("id").asString(""));
    }
    session.print(found, table);
    return Exit.OK;
  }

  private static String lockedBy(JsonNode lockdown) {
    String policies = Text.joined(lockdown.path("policies"));
    return policies.isEmpty()
        ? "-"
        : policies + (lockdown.path("bypassedBy").isEmpty() ? "" : " (bypassed)");
  }
}
