package io.postern.policy.kafka;

import io.postern.event.BreakGlassReviewed;
import io.postern.event.BreakGlassUsed;
import io.postern.event.ReviewVetted;
import io.postern.log.Convert;
import io.postern.model.GrantId;
import io.postern.model.Ids;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.RequestId;
import io.postern.policy.domain.Outcome;
import io.postern.policy.domain.Unreviewed;
import io.postern.policy.domain.Wish;
import java.time.Instant;
import java.util.Optional;

/** Between uses of break-glass and what is said of them. */
final class BreakGlassEvents {
  private BreakGlassEvents() {}

  static Wish toWish(ReviewVetted v) {
    return new Wish.Review(
        v.getAnswers(),
        GrantId.parse(v.getGrantId()),
        new MachineId(v.getMachineId()),
        Convert.toModel(v.getReviewer()),
        Optional.ofNullable(v.getComment()));
  }

  static BreakGlassUsed used(Unreviewed use) {
    return new BreakGlassUsed(
        Ids.derived("break-glass", use.grant().toString()).toString(),
        use.at(),
        use.grant().toString(),
        use.request().toString(),
        use.machine().value(),
        use.machine().scope().value(),
        Convert.toEvent(use.usedBy()),
        use.policy().value(),
        use.justification());
  }

  static Unreviewed toUnreviewed(BreakGlassUsed e) {
    return new Unreviewed(
        GrantId.parse(e.getGrantId()),
        RequestId.parse(e.getRequestId()),
        new MachineId(e.getMachineId()),
        Convert.toModel(e.getRequestor()),
        new PolicyId(e.getPolicyId()),
        e.getJustification(),
        e.getOccurredAt());
  }

  static BreakGlassReviewed reviewed(Outcome.Reviewed r, Instant now) {
    Unreviewed use = r.use();
    return new BreakGlassReviewed(
        Ids.derived("reviewed", use.grant().toString()).toString(),
        now,
        use.grant().toString(),
        use.request().toString(),
        use.machine().value(),
        use.machine().scope().value(),
        Convert.toEvent(r.wish().by()),
        r.wish().comment().orElse(null));
  }
}
