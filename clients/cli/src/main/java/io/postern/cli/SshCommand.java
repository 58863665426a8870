package io.postern.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code postern ssh}: asks, waits, and hands over to ssh, whose exit code it ends with. */
@Command(
    name = "ssh",
    mixinStandardHelpOptions = true,
    description = "Ask for a machine's port, wait until it is open, and run ssh with it.")
final class SshCommand implements Callable<Integer> {
  @Mixin Session session = new Session();
  @Mixin Asking asking = new Asking();

  @Option(names = "--user", paramLabel = "NAME", description = "the user on the machine")
  @Nullable String user;

  @Option(
      names = "--program",
      paramLabel = "COMMAND",
      description = "what to run in place of ssh",
      defaultValue = "ssh")
  String program = "ssh";

  @Parameters(index = "0", paramLabel = "MACHINE", description = "id or name")
  String machine = "";

  @Parameters(index = "1..*", paramLabel = "ARGUMENT", description = "handed to ssh, behind --")
  List<String> arguments = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    String id = asking.submit(session, List.of(machine), false).path("id").asString("");
    JsonNode request = session.awaitOpen(id, asking.patience());
    List<String> command = command(program, user, request, arguments);
    session.err().println(String.join(" ", command));
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  /**
   * The command line for what is open: pure.
   *
   * @throws CliException when nothing says what to connect to
   */
  static List<String> command(
      String program, @Nullable String user, JsonNode request, List<String> arguments) {
    JsonNode to = request.path("grants").path(0).path("connect").path(0);
    String address = to.path("address").asString("");
    if (address.isEmpty()) {
      throw new CliException(Exit.REFUSED, "it is open, but the machine has no known address");
    }
    List<String> command = new ArrayList<>(List.of(program, "-p", to.path("port").asString("22")));
    command.add(user == null ? address : user + "@" + address);
    command.addAll(arguments);
    return command;
  }
}
