package io.postern.audit.cli;

import io.postern.audit.domain.Copy;
import io.postern.audit.log.EventReader;
import io.postern.audit.story.Ocsf;
import io.postern.audit.story.Subject;
import io.postern.audit.story.Told;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code postern audit show}. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Tell what happened to a machine, or around a person or a request, in sentences.")
final class ShowCommand implements Callable<Integer> {
  @Mixin Session session = new Session();
  @Mixin S3Options s3 = new S3Options();

  @ArgGroup(multiplicity = "1")
  Which which = new Which();

  @Option(
      names = "--from",
      paramLabel = "kafka|DIR|s3://BUCKET/PREFIX",
      description = "the live log (unless told otherwise), or an exported copy")
  String from = "kafka";

  @Option(
      names = "--ocsf",
      description = "print JSON lines in the Open Cybersecurity Schema, for a SIEM")
  boolean ocsf;

  static final class Which {
    @Option(names = "--machine", paramLabel = "M", description = "a machine's id, or its last part")
    @Nullable String machine;

    @Option(names = "--person", paramLabel = "P", description = "a person's subject")
    @Nullable String person;

    @Option(names = "--request", paramLabel = "R", description = "a request's id")
    @Nullable String request;

    Subject subject() {
      if (machine != null) {
        return new Subject.Machine(machine);
      }
      return person != null
          ? new Subject.Person(person)
          : new Subject.Request(request == null ? "" : request);
    }
  }

  @Override
  public Integer call() {
    List<Told> story;
    try (Copy copy = session.copy(from, s3)) {
      EventReader reader = new EventReader(copy, session.trust(), session.schemas(copy));
      story = reader.story(which.subject());
      if (reader.unreadable() > 0) {
        session
            .err()
            .println(
                "postern: %,d records are no events that can be read, and were passed over"
                    .formatted(reader.unreadable()));
      }
    }
    story.forEach(
        told -> session.say(ocsf || session.json ? Ocsf.of(told).toString() : told.line()));
    if (story.isEmpty()) {
      throw new CliException(CliException.FOUND, "there is nothing on the record of that");
    }
    return 0;
  }
}
