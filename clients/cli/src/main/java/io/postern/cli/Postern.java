package io.postern.cli;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of people and scripts; see {@link Exit} for what it ends with. */
@Command(
    name = "postern",
    mixinStandardHelpOptions = true,
    description = "Just-in-time access to management ports: ask, approve, look, close.",
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nThe whole system on this machine:%n",
    footer =
        "  ./postern demo | up | token | producer, each with --help%n"
            + "The clouds themselves, without a log:%n  ./postern assess | sweep%n"
            + "The log itself, not REST:%n"
            + "  ./postern audit | dead-letters | policy rehearse, each with --help",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it is as was asked for",
      "1:denied, refused, failed, or in no state for it",
      "2:the command line or what it names is wrong",
      "3:it did not come about within the time",
      "4:Postern does not answer",
      "5:no token, or one that does not allow it"
    })
public final class Postern {
  private final Map<String, String> environment;

  private Postern(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  public static void main(String[] args) {
    System.exit(
        run(
            System.getenv(),
            new PrintWriter(System.out, true),
            new PrintWriter(System.err, true),
            args));
  }

  /** Runs one command; returns its exit code. */
  public static int run(
      Map<String, String> environment, PrintWriter out, PrintWriter err, String... args) {
    return commandLine(environment)
        .setOut(out)
        .setErr(err)
        .setExecutionExceptionHandler(Session::explain)
        .execute(args);
  }

  /** All commands over REST, and the completion of these and of the others. */
  public static CommandLine commandLine(Map<String, String> environment) {
    return new CommandLine(new Postern(environment))
        .addSubcommand(new RequestCommands.Ask())
        .addSubcommand(new RequestCommands.Watch())
        .addSubcommand(new RequestCommands.Requests())
        .addSubcommand(new RequestCommands.Approve())
        .addSubcommand(new RequestCommands.Refuse())
        .addSubcommand(new RequestCommands.Withdraw())
        .addSubcommand(new GrantCommands.Grants())
        .addSubcommand(new GrantCommands.Extend())
        .addSubcommand(new GrantCommands.Close())
        .addSubcommand(new MachinesCommand())
        .addSubcommand(new WhoamiCommands.Whoami())
        .addSubcommand(new WhoamiCommands.CanI())
        .addSubcommand(new PolicyCommands.Plan())
        .addSubcommand(new PolicyCommands())
        .addSubcommand(new SshCommand())
        .addSubcommand(new Completion());
  }

  Map<String, String> environment() {
    return environment;
  }
}
