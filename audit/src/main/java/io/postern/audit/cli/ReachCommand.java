package io.postern.audit.cli;

import io.postern.audit.log.Assessments;
import io.postern.audit.story.Reach;
import io.postern.audit.story.Subject;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineId;
import io.postern.model.Scope;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code postern audit reach}. */
@Command(
    name = "reach",
    mixinStandardHelpOptions = true,
    description =
        "Tell who could reach a machine at a moment, and by which rules, from what its enforcer told"
            + " then.")
final class ReachCommand implements Callable<Integer> {
  @Mixin Session session = new Session();

  @Option(
      names = "--machine",
      required = true,
      paramLabel = "M",
      description = "a machine's id, or its last part")
  String machine = "";

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description = "such as 2026-01-31T03:12:00Z; now unless told otherwise")
  @Nullable String at;

  @Option(names = "--port", paramLabel = "P", description = "only who reaches this port")
  @Nullable Integer port;

  @Override
  public Integer call() {
    Reach reach = new Reach(new Subject.Machine(machine), moment());
    Assessments assessments = new Assessments(session.kafka(), session.trust(), session.registry());
    assessments.tell(reach, scope());
    if (assessments.disbelieved() > 0) {
      session
          .err()
          .println(
              "postern: %,d records are signed by no enforcer, and were passed over"
                  .formatted(assessments.disbelieved()));
    }
    if (session.json) {
      reach.assessments().forEach(m -> session.say(m.toString()));
    } else {
      reach.lines(port == null ? OptionalInt.empty() : OptionalInt.of(port)).forEach(session::say);
    }
    if (reach.isEmpty()) {
      throw new CliException(
          CliException.FOUND,
          reach
              .earliest()
              .map(e -> "nothing is known of it before " + e + "; older assessments are compacted")
              .orElse("no enforcer has told of such a machine"));
    }
    return 0;
  }

  /** Known when the whole id is given. */
  private Optional<Scope> scope() {
    try {
      return Optional.of(new MachineId(machine).scope());
    } catch (InvalidValueException e) {
      return Optional.empty();
    }
  }

  private Instant moment() {
    if (at == null) {
      return Instant.now();
    }
    try {
      return Instant.parse(at);
    } catch (DateTimeParseException e) {
      throw new CliException(
          CliException.USAGE, "--at must be an instant such as 2026-01-31T03:12:00Z");
    }
  }
}
