package io.postern.request.web;

import io.postern.event.MachineAssessed;
import io.postern.model.Cidr;
import io.postern.model.MachineId;
import io.postern.model.PortSpec;
import io.postern.request.domain.Connect;
import io.postern.request.domain.GrantView;
import io.postern.request.domain.LockdownView;
import io.postern.request.domain.RequestView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What leaves as JSON. */
final class Views {
  private Views() {}

  record Port(String port, String protocol) {
    static Port of(PortSpec p) {
      return new Port(p.ports().toString(), p.protocol().name());
    }
  }

  record Reason(String machine, String code, String message) {}

  record Grant(
      String id,
      String request,
      String requestor,
      String machine,
      String state,
      @Nullable String reason,
      List<String> sources,
      List<Port> ports,
      @Nullable Instant grantedAt,
      @Nullable Instant openedAt,
      @Nullable Instant expiresAt,
      @Nullable Instant closedAt,
      List<Connect> connect) {
    static Grant of(GrantView g) {
      return new Grant(
          g.id().toString(),
          g.request().toString(),
          g.requestor(),
          g.machine().value(),
          g.state().name(),
          g.failure().or(g::endReason).orElse(null),
          g.sources().stream().map(Cidr::toString).toList(),
          g.ports().stream().map(Port::of).toList(),
          g.grantedAt().orElse(null),
          g.openedAt().orElse(null),
          g.expiresAt().orElse(null),
          g.closedAt().orElse(null),
          g.connect());
    }
  }

  record Request(
      String id,
      String state,
      String requestor,
      List<String> machines,
      @Nullable String justification,
      @Nullable Instant submittedAt,
      List<Reason> reasons,
      List<Grant> grants) {
    static Request of(RequestView r) {
      return new Request(
          r.id().toString(),
          r.state().name(),
          r.requestor(),
          r.machines().stream().map(MachineId::value).toList(),
          r.justification().orElse(null),
          r.submittedAt().orElse(null),
          r.denials().stream()
              .map(d -> new Reason(d.machine().value(), d.code(), d.message()))
              .toList(),
          r.grants().stream().map(Grant::of).toList());
    }
  }

  record Lockdown(
      List<String> policies,
      List<String> ports,
      List<String> bypassedBy,
      @Nullable String problem,
      Instant at) {
    static Lockdown of(LockdownView l) {
      return new Lockdown(
          l.policies(),
          l.ports(),
          l.bypassedBy(),
          l.problem().isEmpty() ? null : l.problem(),
          l.at());
    }
  }

  record Machine(
      String id,
      String name,
      Map<String, String> tags,
      List<String> privateAddresses,
      List<String> publicAddresses,
      boolean running,
      List<String> ruleSets,
      String assessment,
      String reason,
      Instant assessedAt,
      @Nullable Lockdown lockdown) {
    static Machine of(MachineAssessed m, Optional<LockdownView> lockdown) {
      return new Machine(
          m.getMachineId(),
          m.getName(),
          m.getTags(),
          m.getPrivateAddresses(),
          m.getPublicAddresses(),
          m.getRunning(),
          m.getRuleSets(),
          m.getAssessment().name(),
          m.getReason(),
          m.getAssessedAt(),
          lockdown.map(Lockdown::of).orElse(null));
    }
  }

  /** A page of a list; a null cursor means that it is the last. */
  record Page<T>(List<T> items, @Nullable String nextCursor) {
    static final int SIZE = 100;

    /** The page of a list that a cursor, the number of items before it, names. */
    static <T> Page<T> of(List<T> all, @Nullable String cursor) {
      int from = offset(cursor);
      int to = Math.min(all.size(), from + SIZE);
      return new Page<>(
          from >= all.size() ? List.of() : all.subList(from, to),
          to < all.size() ? Integer.toString(to) : null);
    }

    private static int offset(@Nullable String cursor) {
      if (cursor == null) {
        return 0;
      }
      if (!cursor.matches("[0-9]{1,9}")) {
        throw Problem.invalid("cursor", "must be a nextCursor of an earlier page", cursor);
      }
      return Integer.parseInt(cursor);
    }
  }
}
