package io.postern.audit.cli;

import io.postern.audit.log.AuditConsumer;
import io.postern.log.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code postern audit run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description =
        "Be the audit consumer: follow the log and publish signed checkpoints, until ended. `up`"
            + " does so by itself.")
final class RunCommand implements Callable<Integer> {
  @Mixin Session session = new Session();

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "the audit consumer's private JWK, kid audit/N; else that of --data")
  @Nullable Path key;

  @Option(
      names = "--interval",
      paramLabel = "DURATION",
      description =
          "how long a record waits for its checkpoint at most, ISO 8601 (unless told otherwise"
              + " ${DEFAULT-VALUE})")
  Duration interval = Duration.ofSeconds(10);

  @Override
  public Integer call() throws InterruptedException {
    if (interval.compareTo(Duration.ofMillis(100)) < 0
        || interval.compareTo(Duration.ofHours(1)) > 0) {
      throw new CliException(CliException.USAGE, "--interval must be 100 ms to 1 h");
    }
    AuditConsumer audit = AuditConsumer.start(session.connection(key, Topics.AUDIT), interval);
    Runtime.getRuntime().addShutdownHook(new Thread(audit::close, "shutdown"));
    session.say("following the log at " + session.bootstrap() + "; end with Ctrl-C");
    String why = audit.awaitEnd();
    if (!why.isEmpty()) {
      throw new CliException(CliException.FOUND, "the audit has ended: " + why);
    }
    return 0;
  }
}
