package io.postern.cli;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** Finds the machine that somebody means: pure. */
final class Machines {
  private Machines() {}

  static boolean isId(String text) {
    return text.startsWith("/") || text.startsWith("arn:");
  }

  /**
   * The id of the machine with a name, or with an id that ends so.
   *
   * @throws CliException when there is none, or more than one
   */
  static String named(String name, List<JsonNode> machines) {
    List<String> found =
        machines.stream()
            .filter(
                m ->
                    name.equalsIgnoreCase(m.path("name").asString(""))
                        || m.path("id").asString("").endsWith("/" + name))
            .map(m -> m.path("id").asString(""))
            .toList();
    if (found.size() == 1) {
      return found.get(0);
    }
    throw new CliException(
        Exit.USAGE,
        found.isEmpty()
            ? "no machine is called " + name + "; see: postern machines"
            : "more than one machine is called " + name + ":\n  " + String.join("\n  ", found));
  }
}
