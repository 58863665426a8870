package io.postern.audit.cli;

import io.postern.audit.log.Follower;
import io.postern.audit.siem.Collector;
import io.postern.audit.story.Ocsf;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code postern audit follow}. */
@Command(
    name = "follow",
    mixinStandardHelpOptions = true,
    description = {
      "Hand everything that happens to a SIEM, as it happens: as OCSF JSON lines, or as sentences.",
      "Goes on where the group was. What a crash leaves unconfirmed is handed over again, under the"
          + " same metadata.uid."
    })
final class FollowCommand implements Callable<Integer> {
  @Mixin Session session = new Session();

  @Option(
      names = "--group",
      paramLabel = "GROUP",
      description =
          "the consumer group whose place is kept (unless told otherwise ${DEFAULT-VALUE})")
  String group = "postern-siem";

  @Option(
      names = "--to",
      paramLabel = "URL",
      description = "an HTTP collector that takes JSON lines; else standard output")
  @Nullable URI to;

  @Option(
      names = "--header-file",
      paramLabel = "FILE",
      description = "a line of header for the collector, as in Authorization: Splunk 0a1b...")
  @Nullable Path headerFile;

  @Option(names = "--sentences", description = "sentences instead of OCSF")
  boolean sentences;

  @Option(
      names = "--until-idle",
      paramLabel = "DURATION",
      description = "end when nothing came for so long, ISO 8601; else follow until ended")
  @Nullable Duration untilIdle;

  @Override
  public Integer call() throws IOException, InterruptedException {
    URI url = to;
    Collector collector =
        url == null ? Collector.to(session.out()) : Collector.to(url, header(headerFile));
    try (Follower follower =
        new Follower(
            session.kafka(), group, session.trust(), session.registry(), Duration.ofSeconds(1))) {
      Thread following = Thread.currentThread();
      Thread ending =
          new Thread(
              () -> {
                follower.stop();
                try {
                  following.join(Duration.ofSeconds(5));
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              },
              "shutdown");
      Runtime.getRuntime().addShutdownHook(ending);
      long unreadable =
          follower.follow(
              collector,
              told -> sentences ? told.line() : Ocsf.of(told).toString(),
              Optional.ofNullable(untilIdle));
      if (unreadable > 0) {
        session
            .err()
            .println("postern: %,d records are no events that can be read".formatted(unreadable));
      }
    }
    return 0;
  }

  private static Map<String, String> header(@Nullable Path file) throws IOException {
    if (file == null) {
      return Map.of();
    }
    String[] parts = Files.readString(file).strip().split(":\\s*", 2);
    if (parts.length != 2 || parts[1].lines().count() != 1) {
      throw new CliException(CliException.USAGE, file + " is no line of a header, NAME: VALUE");
    }
    return Map.of(parts[0], parts[1]);
  }
}
