package io.postern.enforcement.assess;

import io.postern.enforcement.cloud.CloudAdapter;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.exposure.Posture;
import io.postern.event.MachineAssessed;
import io.postern.model.MachineFacts;
import io.postern.model.Scope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.io.JsonEncoder;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * One look at whole scopes without a log: it reads, prints and writes nothing to any cloud. No
 * policy is known to it, so that no machine counts as being under just-in-time access; one that
 * Postern has locked down shows closed ports.
 */
public final class Assess {
  private final CloudAdapter<?, ?> cloud;
  private final Supplier<? extends Collection<Scope>> scopes;
  private final Clock clock;

  /**
   * @param scopes read when there is something to look at, so that a wrong one is a sentence for
   *     people and no failed start
   */
  public Assess(
      CloudAdapter<?, ?> cloud, Supplier<? extends Collection<Scope>> scopes, Clock clock) {
    this.cloud = cloud;
    this.scopes = scopes;
    this.clock = clock;
  }

  /**
   * Prints a table, or with {@code json} a line of JSON with the members of MachineAssessed for
   * each machine, the worst first.
   *
   * @return 0; 1 when a scope could not be read, 2 when a scope is none, which is said on {@code
   *     err}
   */
  public int print(boolean json, PrintStream out, PrintStream err) {
    Collection<Scope> all;
    try {
      all = scopes.get();
    } catch (IllegalArgumentException e) {
      err.println("postern: " + e.getMessage());
      return 2;
    }
    int exit = 0;
    List<MachineAssessed> found = new ArrayList<>();
    for (Scope scope : all) {
      try {
        for (MachineFacts machine : cloud.inventory(scope)) {
          Posture posture = cloud.posture(new MachineIntent(machine, Optional.empty(), List.of()));
          found.add(Assessments.toEvent(machine, posture, clock.instant()));
        }
      } catch (CloudException e) {
        err.println("postern: " + scope + " cannot be read: " + e.getMessage());
        exit = 1;
      }
    }
    found.sort(
        Comparator.comparing(MachineAssessed::getSeverity)
            .reversed()
            .thenComparing(MachineAssessed::getMachineId));
    if (json) {
      found.forEach(m -> out.println(json(m)));
    } else {
      table(found).forEach(out::println);
    }
    return exit;
  }

  private static String json(MachineAssessed machine) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      JsonEncoder encoder =
          EncoderFactory.get().jsonEncoder(MachineAssessed.getClassSchema(), bytes, false);
      new SpecificDatumWriter<>(MachineAssessed.class).write(machine, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static List<String> table(List<MachineAssessed> machines) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("MACHINE", "ASSESSMENT", "SEVERITY", "REASON", "SCOPE"));
    for (MachineAssessed m : machines) {
      rows.add(
          List.of(
              m.getName(),
              m.getAssessment().name(),
              m.getSeverity().name(),
              m.getReason(),
              m.getScope()));
    }
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
    }
    return line.toString().stripTrailing();
  }
}
