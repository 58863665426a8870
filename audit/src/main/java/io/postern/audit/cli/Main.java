package io.postern.audit.cli;

import io.postern.audit.domain.UnreadableCopyException;
import io.postern.audit.s3.UnreachableBucketException;
import io.postern.log.RegistryException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands of those who watch the log itself; everything else of {@code postern} is REST. */
@Command(
    name = "postern",
    mixinStandardHelpOptions = true,
    description = "The record of what happened, and what could not be used.",
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it is as was asked for",
      "1:something is not as it was, or was refused",
      "2:the command line or what it names is wrong",
      "4:Kafka, the registry or the bucket does not answer"
    })
public final class Main {
  private final Map<String, String> environment;

  private Main(Map<String, String> environment) {
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
        .setExecutionExceptionHandler(Main::explain)
        .execute(args);
  }

  /** All commands on the log. */
  public static CommandLine commandLine(Map<String, String> environment) {
    return new CommandLine(new Main(environment))
        .addSubcommand(
            new CommandLine(new AuditGroup())
                .addSubcommand(new VerifyCommand())
                .addSubcommand(new ExportCommand())
                .addSubcommand(new ShowCommand())
                .addSubcommand(new ReachCommand())
                .addSubcommand(new FollowCommand())
                .addSubcommand(new RunCommand()))
        .addSubcommand(
            new CommandLine(DeadLetterCommands.group())
                .addSubcommand(new DeadLetterCommands.ListThem())
                .addSubcommand(new DeadLetterCommands.Show())
                .addSubcommand(new DeadLetterCommands.Replay()));
  }

  Map<String, String> environment() {
    return environment;
  }

  private static int explain(Exception e, CommandLine line, CommandLine.ParseResult parsed) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    line.getErr().println("postern: " + message);
    return switch (e) {
      case CliException c -> c.exitCode();
      case KafkaException k -> CliException.UNREACHABLE;
      case RegistryException r -> CliException.UNREACHABLE;
      case UnreadableCopyException u -> CliException.FOUND;
      case UncheckedIOException u when u.getCause() instanceof UnreachableBucketException ->
          CliException.UNREACHABLE;
      case UncheckedIOException u -> CliException.FOUND;
      case IllegalArgumentException i -> CliException.USAGE;
      default -> CliException.FOUND;
    };
  }

  /** {@code postern audit}. */
  @Command(
      name = "audit",
      mixinStandardHelpOptions = true,
      description = "Prove that the record is as it was written, keep it, and read it.",
      synopsisSubcommandLabel = "COMMAND")
  static final class AuditGroup {}
}
