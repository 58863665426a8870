package io.postern.policy.kafka;

import io.postern.event.AccessDenied;
import io.postern.event.AccessExtended;
import io.postern.event.AccessGranted;
import io.postern.event.AccessRevoked;
import io.postern.event.ApprovalRequested;
import io.postern.event.EndReason;
import io.postern.event.ExtensionRequested;
import io.postern.event.WishRefused;
import io.postern.log.Convert;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.Ids;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.RequestId;
import io.postern.policy.domain.AccessRequest;
import io.postern.policy.domain.Decision;
import io.postern.policy.domain.Owner;
import io.postern.policy.domain.Past;
import io.postern.policy.domain.PastExtension;
import io.postern.policy.domain.PastRequest.Verdict;
import io.postern.policy.domain.Wish;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;

/**
 * What became of grants, for a rehearsal: of those that are not decided again everything, of the
 * others what somebody wished of them. A wish for a later end counts by its answer, which
 * policy-service signed.
 */
final class PastGrants {
  private final Map<String, AccessGranted> granted = new HashMap<>();
  private final Map<String, ApprovalRequested> waited = new HashMap<>();
  private final Map<String, AccessRevoked> revoked = new HashMap<>();
  private final List<Past.Ended> withdrawn = new ArrayList<>();
  private final Map<String, AccessExtended> extended = new HashMap<>();
  private final Map<String, WishRefused> refused = new HashMap<>();
  private final Map<String, ExtensionRequested> wishes = new HashMap<>();

  /** An event of {@code jit.requests} or {@code jit.decisions}. */
  void add(SpecificRecord event) {
    switch (event) {
      case AccessGranted g -> granted.putIfAbsent(g.getGrantId(), g);
      case ApprovalRequested a -> waited.putIfAbsent(a.getGrantId(), a);
      case AccessRevoked r -> revoked.putIfAbsent(r.getGrantId(), r);
      case AccessDenied d -> {
        if (d.getReasons().stream().anyMatch(r -> r.getCode().equals(ErrorCode.WITHDRAWN.name()))) {
          MachineId machine = new MachineId(d.getMachineId());
          GrantId id = GrantId.of(RequestId.parse(d.getRequestId()), machine);
          withdrawn.add(new Past.Ended(machine, id, d.getOccurredAt()));
        }
      }
      case AccessExtended x -> extended.putIfAbsent(x.getEventId(), x);
      case WishRefused r -> refused.putIfAbsent(key(r.getAnswers(), r.getGrantId()), r);
      case ExtensionRequested x -> wishes.putIfAbsent(key(x.getEventId(), x.getGrantId()), x);
      default -> {
        // No grant changes by it.
      }
    }
  }

  private static String key(String wish, String grant) {
    return wish + "/" + grant;
  }

  /**
   * All of it.
   *
   * @param since from when on wishes are decided again
   * @param again those that are decided again
   */
  List<Past> since(Instant since, Set<GrantId> again) {
    List<Past> all = new ArrayList<>(withdrawn);
    granted.values().stream()
        .filter(g -> !again.contains(GrantId.parse(g.getGrantId())))
        .map(PastGrants::given)
        .forEach(all::add);
    waited.values().stream()
        .filter(a -> !again.contains(GrantId.parse(a.getGrantId())))
        .flatMap(a -> counted(a).stream())
        .forEach(all::add);
    revoked.values().stream()
        .filter(r -> counts(r, again))
        .map(
            r ->
                new Past.Ended(
                    new MachineId(r.getMachineId()),
                    GrantId.parse(r.getGrantId()),
                    r.getOccurredAt()))
        .forEach(all::add);
    all.addAll(extensions(since));
    return all;
  }

  private List<Past> extensions(Instant since) {
    List<Past> all = new ArrayList<>();
    Set<String> asked = new HashSet<>();
    for (ExtensionRequested wish : wishes.values()) {
      String yes = Ids.derived("extended", wish.getEventId(), wish.getGrantId()).toString();
      Optional<Instant> agreed =
          Optional.ofNullable(extended.get(yes))
              .filter(x -> isOf(wish))
              .map(AccessExtended::getOccurredAt)
              .filter(at -> !at.isBefore(since));
      agreed.ifPresent(
          at -> {
            asked.add(yes);
            all.add(new PastExtension(wish(wish), at, Verdict.GRANTED));
          });
      Optional.ofNullable(refused.get(key(wish.getEventId(), wish.getGrantId())))
          .filter(r -> Owner.of(Convert.toModel(r.getBy())).equals(owner(wish)))
          .map(WishRefused::getOccurredAt)
          .filter(at -> !at.isBefore(since))
          .ifPresent(at -> all.add(new PastExtension(wish(wish), at, Verdict.DENIED)));
    }
    extended.values().stream()
        .filter(x -> !asked.contains(x.getEventId()))
        .map(
            x ->
                new Past.Moved(
                    new MachineId(x.getMachineId()),
                    GrantId.parse(x.getGrantId()),
                    x.getExpiresAt(),
                    x.getOccurredAt()))
        .forEach(all::add);
    return all;
  }

  private static Owner owner(ExtensionRequested wish) {
    return Owner.of(Convert.toModel(wish.getRequestor()));
  }

  /** Only who has a grant was ever agreed with: the same event id by somebody else is forged. */
  private boolean isOf(ExtensionRequested wish) {
    return Optional.ofNullable(granted.get(wish.getGrantId()))
        .filter(g -> Owner.of(Convert.toModel(g.getRequestor())).equals(owner(wish)))
        .isPresent();
  }

  private static Wish.Extension wish(ExtensionRequested x) {
    return new Wish.Extension(
        x.getEventId(),
        GrantId.parse(x.getGrantId()),
        new MachineId(x.getMachineId()),
        Convert.toModel(x.getRequestor()),
        Duration.ofMillis(x.getDurationMillis()),
        Optional.ofNullable(x.getJustification()));
  }

  /** What another request or a policy ended is found again, or not. */
  private static boolean counts(AccessRevoked r, Set<GrantId> again) {
    return r.getReason() != EndReason.NEWER_REQUEST_INITIATED
        && (r.getReason() != EndReason.POLICY_REMOVED
            || !again.contains(GrantId.parse(r.getGrantId())));
  }

  private static Past.Given given(AccessGranted g) {
    PolicyId policy = new PolicyId(g.getPolicyId());
    return new Past.Given(
        new AccessRequest(
            RequestId.parse(g.getRequestId()),
            new MachineId(g.getMachineId()),
            Convert.toModel(g.getRequestor()),
            Convert.toPorts(g.getPorts()),
            Convert.toCidrs(g.getSources()),
            Optional.of(g.getStartsAt()),
            Duration.between(g.getStartsAt(), g.getExpiresAt()),
            Optional.ofNullable(g.getJustification()),
            false,
            g.getGrantedAt(),
            g.getRequestDigest()),
        new Decision.Granted(
            policy,
            g.getPolicyVersion(),
            g.getStartsAt(),
            g.getExpiresAt(),
            Optional.empty(),
            List.of(),
            List.of()),
        g.getOccurredAt());
  }

  private static Optional<Past.Counted> counted(ApprovalRequested a) {
    return Optional.ofNullable(a.getRequestor())
        .map(
            r ->
                new Past.Counted(
                    GrantId.parse(a.getGrantId()),
                    new PolicyId(a.getPolicyId()),
                    Owner.of(Convert.toModel(r)),
                    Objects.requireNonNull(a.getOccurredAt())));
  }
}
