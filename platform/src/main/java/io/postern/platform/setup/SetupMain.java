package io.postern.platform.setup;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What an operator does once, and again whenever he likes: everything that is there is kept. */
@Command(
    name = "postern-setup",
    mixinStandardHelpOptions = true,
    description = "Puts in place what the services need.",
    synopsisSubcommandLabel = "COMMAND")
public final class SetupMain {
  private SetupMain() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new SetupMain())
        .addSubcommand(new KeysCommand())
        .addSubcommand(new DatabasesCommand())
        .addSubcommand(new TopicsCommand())
        .addSubcommand(new AclsCommand())
        .addSubcommand(new ProducerCommand())
        .addSubcommand(new TokenCommand())
        .setExecutionExceptionHandler(
            (e, line, result) -> {
              line.getErr().println("postern-setup: " + e.getMessage());
              return 1;
            });
  }
}
