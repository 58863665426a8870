package io.postern.policy.cli;

import io.postern.model.PolicyId;
import io.postern.policy.domain.Past;
import io.postern.policy.domain.PastExtension;
import io.postern.policy.domain.PastRequest;
import io.postern.policy.domain.Rehearsal.Compared;
import io.postern.policy.domain.Rehearsal.Effect;
import io.postern.policy.kafka.PolicyRehearsal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a rehearsal prints. */
record Report(PolicyId policy, String since, PolicyRehearsal.Result result) {
  private static final List<String> LIMITS =
      List.of(
          "machines are as they are known now, the other policies as they are in force now",
          "tickets and permissions in the cloud count as they were found then; what was not looked"
              + " up then is tried both ways (DEPENDS)",
          "quotas count what would be open and asked for, exactly; where that depends on something"
              + " that nobody looked up, they are tried both ways too",
          "approvals count as they were given then; nobody is asked for more (WAITS)",
          "extensions are decided again; early ends and withdrawals count as they happened");

  boolean anyTurns() {
    return result.compared().stream().anyMatch(c -> c.effect() != Effect.STAYS);
  }

  private Stream<Compared> shown() {
    return result.compared().stream().filter(c -> c.effect() != Effect.STAYS);
  }

  private long count(Effect effect) {
    return result.compared().stream().filter(c -> c.effect() == effect).count();
  }

  private long drifted() {
    return result.compared().stream().filter(Compared::hasDriftedAlready).count();
  }

  List<String> text() {
    List<String> lines = new ArrayList<>();
    shown().map(Report::line).forEach(lines::add);
    lines.add(
        "policy %s (%s) over %d decisions since %s: %d would turn, %d depend, %d stay"
            .formatted(
                policy,
                result.version() == 0 ? "new" : "version " + result.version() + " in force",
                result.compared().size(),
                since,
                count(Effect.TURNS),
                count(Effect.DEPENDS),
                count(Effect.STAYS)));
    if (drifted() > 0) {
      lines.add(
          drifted()
              + " were decided otherwise then than the policies in force would decide them now");
    }
    if (result.unreadable() > 0) {
      lines.add(
          result.unreadable() + " records could not be read or believed, and were passed over");
    }
    LIMITS.forEach(l -> lines.add("note: " + l));
    return lines;
  }

  private static String line(Compared c) {
    Past.Decided past = c.past();
    return "%-7s %s -> %s  %s  %s  %s  %s  %s"
        .formatted(
            c.effect(),
            c.now().verdict(),
            c.changed().verdict(),
            askedAt(past),
            past.by().subject(),
            past.machine(),
            switch (past) {
              case PastRequest r -> "request " + r.request().id();
              case PastExtension x -> "extension of grant " + x.grant();
            },
            c.changed().why());
  }

  private static Instant askedAt(Past.Decided past) {
    return switch (past) {
      case PastRequest r -> r.request().submittedAt();
      case PastExtension x -> x.at();
    };
  }

  List<String> json() {
    JsonMapper mapper = JsonMapper.shared();
    List<String> lines = new ArrayList<>();
    shown()
        .forEach(
            c -> {
              Past.Decided past = c.past();
              ObjectNode node = mapper.createObjectNode();
              node.put("effect", c.effect().name());
              switch (past) {
                case PastRequest r -> node.put("requestId", r.request().id().toString());
                case PastExtension x -> node.put("extensionId", x.wish().eventId());
              }
              node.put("grantId", past.grant().toString());
              node.put("machineId", past.machine().value());
              node.put("requestor", past.by().subject());
              node.put("issuer", past.by().issuer());
              node.put("submittedAt", askedAt(past).toString());
              node.put("recorded", past.verdict().name());
              node.put("now", c.now().verdict().name());
              node.put("changed", c.changed().verdict().name());
              node.put("why", c.changed().why());
              lines.add(node.toString());
            });
    ObjectNode sum = mapper.createObjectNode();
    sum.put("policy", policy.value());
    sum.put("version", result.version());
    sum.put("decisions", result.compared().size());
    sum.put("turns", count(Effect.TURNS));
    sum.put("depends", count(Effect.DEPENDS));
    sum.put("stays", count(Effect.STAYS));
    sum.put("drifted", drifted());
    sum.put("unreadable", result.unreadable());
    LIMITS.forEach(sum.putArray("notes")::add);
    lines.add(sum.toString());
    return lines;
  }
}
