package io.postern.audit.cli;

import io.postern.audit.domain.Audit;
import io.postern.audit.domain.Audit.Witness;
import io.postern.audit.domain.Copy;
import io.postern.audit.domain.Finding;
import io.postern.audit.domain.Place;
import io.postern.audit.domain.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code postern audit verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description =
        "Hold the log, or a copy of it, against the signed checkpoints; name the first record of each"
            + " partition that was changed, dropped, added or moved.")
final class VerifyCommand implements Callable<Integer> {
  @Mixin Session session = new Session();
  @Mixin S3Options s3 = new S3Options();

  @Option(
      names = "--from",
      paramLabel = "kafka|DIR|s3://BUCKET/PREFIX",
      description =
          "the live log (unless told otherwise), or an exported copy, which needs no Kafka")
  String from = "kafka";

  @Option(
      names = "--retention",
      paramLabel = "DURATION",
      description =
          "how long Kafka keeps a record at least, ISO 8601; what is gone earlier was dropped"
              + " (unless told otherwise ${DEFAULT-VALUE})")
  Duration retention = Duration.ofDays(90);

  @Option(
      names = "--note",
      paramLabel = "FILE",
      description = "write down how far the chains are, to be kept where nobody of Postern writes")
  @Nullable Path note;

  @Option(
      names = "--witness",
      paramLabel = "FILE",
      description = "a note of earlier: the chains must have been as it says")
  @Nullable Path witness;

  @Override
  public Integer call() {
    Map<Place, Witness> witnesses = witness == null ? Map.of() : read(witness);
    List<Verdict> verdicts;
    try (Copy copy = session.copy(from, s3)) {
      verdicts = new Audit(Instant.now(), retention, witnesses).verify(copy, v -> {});
    }
    verdicts.forEach(this::print);
    long proven = verdicts.stream().mapToLong(Verdict::proven).sum();
    List<Finding> findings = verdicts.stream().flatMap(v -> v.finding().stream()).toList();
    boolean anyProof = verdicts.stream().anyMatch(v -> !v.hash().isEmpty());
    say(verdicts, findings, anyProof, proven);
    if (findings.isEmpty() && anyProof && note != null) {
      write(note, verdicts);
    }
    return findings.isEmpty() && anyProof ? 0 : CliException.FOUND;
  }

  private void say(List<Verdict> verdicts, List<Finding> findings, boolean anyProof, long proven) {
    if (session.json) {
      return;
    }
    if (!findings.isEmpty()) {
      findings.forEach(f -> session.say("NOT AS IT WAS  " + f.sentence()));
    } else if (!anyProof) {
      session.say("there are no checkpoints: nothing is proven");
    } else {
      long partitions = verdicts.stream().filter(v -> v.proven() > 0).count();
      session.say(
          "%,d records of %d partitions are as they were when they were checked"
              .formatted(proven, partitions));
    }
  }

  private void print(Verdict verdict) {
    if (session.json) {
      session.say(json(verdict).toString());
    } else if (verdict.proven() > 0 || verdict.tail() > 0 || verdict.finding().isPresent()) {
      session.say(
          "%-26s %,9d proven, to offset %,d%s%s"
              .formatted(
                  verdict.place(),
                  verdict.proven(),
                  verdict.nextOffset(),
                  verdict.before() > 0
                      ? "; %,d earlier ones are not held".formatted(verdict.before())
                      : "",
                  verdict.tail() > 0 ? "; %,d are not checked yet".formatted(verdict.tail()) : ""));
    }
  }

  private static ObjectNode json(Verdict verdict) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("topic", verdict.place().topic());
    json.put("partition", verdict.place().partition());
    json.put("proven", verdict.proven());
    json.put("before", verdict.before());
    json.put("tail", verdict.tail());
    json.put("nextOffset", verdict.nextOffset());
    json.put("hash", verdict.hash());
    verdict
        .finding()
        .ifPresent(
            f ->
                json.putObject("finding")
                    .put("kind", f.kind().name())
                    .put("offset", f.offset())
                    .put("detail", f.detail()));
    return json;
  }

  private static void write(Path file, List<Verdict> verdicts) {
    List<String> lines = new ArrayList<>();
    for (Verdict verdict : verdicts) {
      if (!verdict.hash().isEmpty()) {
        lines.add(verdict.place() + " " + verdict.nextOffset() + " " + verdict.hash());
      }
    }
    try {
      Files.write(file, lines);
    } catch (IOException e) {
      throw new CliException(CliException.USAGE, "cannot write " + file);
    }
  }

  private static Map<Place, Witness> read(Path file) {
    Map<Place, Witness> witnesses = new TreeMap<>();
    try {
      for (String line : Files.readAllLines(file)) {
        String[] parts = line.split(" ", -1);
        if (parts.length != 3 || !parts[1].matches("[0-9]{1,18}")) {
          throw new CliException(CliException.USAGE, file + " is no note of verify: " + line);
        }
        Place place = Place.parse(parts[0]);
        witnesses.put(place, new Witness(place, Long.parseLong(parts[1]), parts[2]));
      }
    } catch (IOException e) {
      throw new CliException(CliException.USAGE, "cannot read " + file);
    }
    return witnesses;
  }
}
