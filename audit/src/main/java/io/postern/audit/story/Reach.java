package io.postern.audit.story;

import io.postern.event.DecidingRule;
import io.postern.event.ExposedSources;
import io.postern.event.MachineAssessed;
import io.postern.event.PortExposure;
import io.postern.event.PortSelection;
import io.postern.story.Words;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who could reach machines at a moment, from what their enforcers told: an assessment holds from
 * when the machine was looked at until the next.
 */
public final class Reach {
  private final Subject.Machine named;
  private final Instant at;
  private final TreeMap<String, State> states = new TreeMap<>();
  private Optional<Instant> earliest = Optional.empty();

  /**
   * @param seen null once the machine was gone
   */
  private record State(Instant since, @Nullable MachineAssessed seen) {}

  /**
   * @param named which machines
   */
  public Reach(Subject.Machine named, Instant at) {
    this.named = named;
    this.at = at;
  }

  /** Takes in what an enforcer told; in any order. */
  public void seen(MachineAssessed machine) {
    learn(machine.getMachineId(), new State(machine.getAssessedAt(), machine));
  }

  /** The machine was gone from then on. */
  public void gone(String machine, Instant when) {
    learn(machine, new State(when, null));
  }

  private void learn(String machine, State state) {
    if (!named.names(machine)) {
      return;
    }
    if (earliest.filter(e -> !state.since().isBefore(e)).isEmpty()) {
      earliest = Optional.of(state.since());
    }
    if (!state.since().isAfter(at)) {
      states.merge(machine, state, (a, b) -> b.since().isBefore(a.since()) ? a : b);
    }
  }

  /** The first moment of which anything is known; empty when nothing is. */
  public Optional<Instant> earliest() {
    return earliest;
  }

  /** Whether nothing is known of that moment. */
  public boolean isEmpty() {
    return states.isEmpty();
  }

  /** The assessments that held, of each machine that was there. */
  public List<MachineAssessed> assessments() {
    return states.values().stream().map(State::seen).filter(m -> m != null).toList();
  }

  /**
   * In sentences.
   *
   * @param port only who reached it; empty for all ports that were looked at
   */
  public List<String> lines(OptionalInt port) {
    List<String> lines = new ArrayList<>();
    states.forEach(
        (machine, state) -> {
          MachineAssessed seen = state.seen();
          if (seen == null) {
            lines.add("%s was gone since %s".formatted(machine, Words.time(state.since())));
            return;
          }
          lines.add(
              "%s (%s), as it was looked at at %s: %s"
                  .formatted(seen.getName(), machine, Words.time(state.since()), seen.getReason()));
          List<PortExposure> asked =
              seen.getExposure().stream().filter(e -> includes(e, port)).toList();
          if (asked.isEmpty()) {
            lines.add(
                "  "
                    + (port.isPresent() ? port.getAsInt() + ": " : "")
                    + "nobody looked: only management ports and ports of policies are");
          }
          asked.forEach(e -> lines.addAll(lines(e)));
        });
    return lines;
  }

  private static boolean includes(PortExposure exposure, OptionalInt port) {
    PortSelection ports = exposure.getPorts();
    return port.isEmpty()
        || (ports.getFromPort() <= port.getAsInt() && port.getAsInt() <= ports.getToPort());
  }

  private static List<String> lines(PortExposure exposure) {
    String ports = Words.port(exposure.getPorts());
    if (exposure.getReachableFrom().isEmpty()) {
      return List.of("  %s: nobody".formatted(ports));
    }
    return exposure.getReachableFrom().stream().map(s -> line(ports, s)).toList();
  }

  private static String line(String ports, ExposedSources from) {
    String more = from.getOmitted() > 0 ? " and %d more".formatted(from.getOmitted()) : "";
    String rules = from.getRules().stream().map(Reach::rule).collect(Collectors.joining(", "));
    String grants =
        from.getGrants().isEmpty() ? "" : "; grant " + String.join(", ", from.getGrants());
    return "  %s: %s%s (%s%s)"
        .formatted(ports, String.join(", ", from.getSources()), more, rules, grants);
  }

  private static String rule(DecidingRule rule) {
    return rule.getRuleSet().isEmpty()
        ? rule.getRule()
        : rule.getRule() + " in " + rule.getRuleSet();
  }
}
