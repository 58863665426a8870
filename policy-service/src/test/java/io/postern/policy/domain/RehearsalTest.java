package io.postern.policy.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.ApprovalLevel;
import io.postern.model.ApprovalRule;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PolicyTerms;
import io.postern.model.Quota;
import io.postern.model.Quotas;
import io.postern.model.Requestor;
import io.postern.policy.domain.PastRequest.Verdict;
import io.postern.policy.domain.Rehearsal.Compared;
import io.postern.policy.domain.Rehearsal.Effect;
import java.time.DayOfWeek;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RehearsalTest {
  private static final MachineId OTHER =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0aaaaaaaaaaaaaac1");
  private static final Requestor ALICE = World.person("alice", "sre");
  private static final Requestor LENA = World.person("lena", "leads");

  private static PastRequest past(AccessRequest request, Verdict verdict, Approval... approvals) {
    return past(request, verdict, List.of(), approvals);
  }

  private static PastRequest past(
      AccessRequest request,
      Verdict verdict,
      List<PastRequest.Seen> checks,
      Approval... approvals) {
    return new PastRequest(request, World.NOON, List.of(approvals), verdict, checks);
  }

  private static AccessRequest request() {
    return World.request(1, ALICE, "203.0.113.7", World.NOON);
  }

  private static Compared rehearsed(PolicyTerms now, PolicyTerms changed, PastRequest past) {
    return rehearsed(World.policy(now), World.policy(changed), List.of(past)).get(0);
  }

  private static List<Compared> rehearsed(Policy now, Policy changed, List<PastRequest> past) {
    return compared(now, changed, past);
  }

  private static List<Compared> compared(Policy now, Policy changed, List<? extends Past> past) {
    return new Rehearsal(
            m -> Optional.of(MachineFacts.unseen(m)),
            List.of(now),
            OperatorBounds.DEFAULT,
            Conditions.NONE)
        .of(changed, past);
  }

  private static ApprovalRule oneLead() {
    return new ApprovalRule(
        List.of(new ApprovalLevel(false, Set.of("leads"), Set.of(), 1)), Duration.ofHours(1));
  }

  @Test
  void aPolicyThatSaysTheSameTurnsNothing() {
    Compared c = rehearsed(PolicyTerms.NONE, PolicyTerms.NONE, past(request(), Verdict.GRANTED));
    assertThat(c.effect()).isEqualTo(Effect.STAYS);
    assertThat(c.hasDriftedAlready()).isFalse();
  }

  @Test
  void whatTheChangeForbidsTurnsWithTheReason() {
    // NOON is of a Monday.
    Compared c =
        rehearsed(
            PolicyTerms.NONE,
            Terms.window(DayOfWeek.TUESDAY, "00:00", "23:00"),
            past(request(), Verdict.GRANTED));
    assertThat(c.effect()).isEqualTo(Effect.TURNS);
    assertThat(c.now().verdict()).isEqualTo(Verdict.GRANTED);
    assertThat(c.changed().verdict()).isEqualTo(Verdict.DENIED);
    assertThat(c.changed().why()).startsWith("windows: ");
  }

  @Test
  void theRequestsOwnTimeCounts() {
    Compared c =
        rehearsed(
            PolicyTerms.NONE,
            Terms.window(DayOfWeek.MONDAY, "12:00", "12:15"),
            past(request(), Verdict.GRANTED));
    assertThat(c.effect()).isEqualTo(Effect.STAYS);
  }

  @Test
  void approvalsCountAsTheyWereGiven() {
    Approval yes = new Approval(LENA, World.NOON.plusSeconds(60), Optional.empty());
    PastRequest approved = past(request(), Verdict.GRANTED, yes);
    PolicyTerms lead = Terms.approval(oneLead());

    assertThat(rehearsed(lead, lead, approved).effect()).isEqualTo(Effect.STAYS);
    assertThat(rehearsed(lead, PolicyTerms.NONE, approved).effect()).isEqualTo(Effect.STAYS);
    Compared more = rehearsed(lead, Terms.approval(World.twoLevels()), approved);
    assertThat(more.effect()).isEqualTo(Effect.TURNS);
    assertThat(more.changed().verdict()).isEqualTo(Verdict.WAITS);
    Compared fewer = rehearsed(lead, PolicyTerms.NONE, past(request(), Verdict.WAITS));
    assertThat(fewer.effect()).isEqualTo(Effect.TURNS);
    assertThat(fewer.changed().verdict()).isEqualTo(Verdict.GRANTED);
  }

  @Test
  void anApprovalIsHeldAgainstTheTimeAtWhichItWasGiven() {
    Approval late = new Approval(LENA, World.NOON.plus(Duration.ofMinutes(30)), Optional.empty());
    PolicyTerms inTheFirstQuarter =
        new PolicyTerms(
            false,
            Optional.of(oneLead()),
            Optional.empty(),
            Terms.window(DayOfWeek.MONDAY, "12:00", "12:20").windows(),
            Optional.empty(),
            Optional.empty());
    Compared c =
        rehearsed(
            Terms.approval(oneLead()), inTheFirstQuarter, past(request(), Verdict.GRANTED, late));
    assertThat(c.changed().verdict()).isEqualTo(Verdict.DENIED);
  }

  @Test
  void whatNobodyLookedUpThenIsLeftOpen() {
    Compared c = rehearsed(PolicyTerms.NONE, permission(), past(request(), Verdict.GRANTED));
    assertThat(c.effect()).isEqualTo(Effect.DEPENDS);
    assertThat(c.changed().verdict()).isEqualTo(Verdict.DENIED);
    assertThat(c.changed().why()).contains("nobody looked it up then");
    // It was and is asked for, so that it makes no difference.
    assertThat(rehearsed(permission(), permission(), past(request(), Verdict.GRANTED)).effect())
        .isEqualTo(Effect.STAYS);
  }

  @Test
  void whatWasLookedUpThenIsTakenAsItWasFound() {
    List<PastRequest.Seen> no =
        List.of(new PastRequest.Seen("cloudPermission", Check.Result.FAILED, "may not"));
    List<PastRequest.Seen> yes =
        List.of(new PastRequest.Seen("cloudPermission", Check.Result.PASSED, "may"));
    Compared freed = rehearsed(permission(), PolicyTerms.NONE, past(request(), Verdict.DENIED, no));
    assertThat(freed.effect()).isEqualTo(Effect.TURNS);
    assertThat(freed.changed().verdict()).isEqualTo(Verdict.GRANTED);
    assertThat(
            rehearsed(PolicyTerms.NONE, permission(), past(request(), Verdict.GRANTED, yes))
                .effect())
        .isEqualTo(Effect.STAYS);
  }

  @Test
  void aTicketCountsOnlyForTheTicketThatWasLookedUp() {
    AccessRequest two = withJustification("CHG-7 for INC-1");
    List<PastRequest.Seen> seen =
        List.of(new PastRequest.Seen("ticket", Check.Result.PASSED, "INC-1 is open"));
    PastRequest past = past(two, Verdict.GRANTED, seen);
    assertThat(rehearsed(ticket("INC-[0-9]+"), ticket("INC-[0-9]+"), past).effect())
        .isEqualTo(Effect.STAYS);
    assertThat(rehearsed(ticket("INC-[0-9]+"), ticket("CHG-[0-9]+"), past).effect())
        .isEqualTo(Effect.DEPENDS);
    assertThat(rehearsed(ticket("INC-[0-9]+"), ticket("PRB-[0-9]+"), past).effect())
        .isEqualTo(Effect.TURNS);
  }

  @Test
  void quotasCountWhatWouldBeOpen() {
    PastRequest first = past(request(), Verdict.GRANTED);
    PastRequest second =
        past(
            World.request(2, ALICE, "203.0.113.8", World.NOON),
            Verdict.DENIED,
            List.of(new PastRequest.Seen("quota", Check.Result.FAILED, "too many")));
    List<PastRequest> both = List.of(first, second);

    assertThat(rehearsed(World.policy(quota(1)), World.policy(quota(1)), both))
        .allSatisfy(c -> assertThat(c.effect()).isEqualTo(Effect.STAYS))
        .noneSatisfy(c -> assertThat(c.hasDriftedAlready()).isTrue());
    assertThat(rehearsed(World.policy(quota(1)), World.policy(quota(2)), both))
        .extracting(Compared::effect)
        .containsExactly(Effect.STAYS, Effect.TURNS);
    assertThat(rehearsed(World.policy(PolicyTerms.NONE), World.policy(quota(1)), both))
        .extracting(c -> c.changed().verdict())
        .containsExactly(Verdict.GRANTED, Verdict.DENIED);
  }

  @Test
  void whatWasGivenBeforeCounts() {
    AccessRequest before = World.request(9, ALICE, "203.0.113.99", World.NOON.minusSeconds(60));
    Past.Given given =
        new Past.Given(
            before,
            new Decision.Granted(
                new PolicyId("web"),
                1,
                before.submittedAt(),
                World.NOON.plusSeconds(60),
                Optional.empty(),
                List.of(),
                List.of()),
            before.submittedAt());
    PastRequest asked = past(request(), Verdict.GRANTED);
    Policy one = World.policy(quota(1));

    assertThat(compared(World.policy(PolicyTerms.NONE), one, List.of(asked, given)))
        .singleElement()
        .satisfies(c -> assertThat(c.effect()).isEqualTo(Effect.TURNS));
    Past.Ended ended =
        new Past.Ended(before.machine(), before.grantId(), World.NOON.minusSeconds(1));
    assertThat(compared(World.policy(PolicyTerms.NONE), one, List.of(asked, given, ended)))
        .singleElement()
        .satisfies(c -> assertThat(c.effect()).isEqualTo(Effect.STAYS));
  }

  @Test
  void aQuotaDependsOnWhatWasGivenBeforeItIfThatDepends() {
    PastRequest unknown = past(request(), Verdict.GRANTED);
    PastRequest known =
        new PastRequest(
            World.request(2, World.person("bob", "sre"), "203.0.113.8", World.NOON),
            World.NOON.plusSeconds(1),
            List.of(),
            Verdict.GRANTED,
            List.of(new PastRequest.Seen("cloudPermission", Check.Result.PASSED, "may")));
    Quota one = new Quota(OptionalInt.of(1), OptionalInt.empty());
    Policy changed = World.policy(permission().withQuotas(new Quotas(Quota.NONE, one)));

    assertThat(rehearsed(World.policy(PolicyTerms.NONE), changed, List.of(unknown, known)))
        .extracting(Compared::effect)
        .containsExactly(Effect.DEPENDS, Effect.DEPENDS);
    assertThat(rehearsed(World.policy(PolicyTerms.NONE), changed, List.of(known)))
        .extracting(Compared::effect)
        .containsExactly(Effect.STAYS);
  }

  @Test
  void anExtensionIsDecidedAgainWithItsGrant() {
    PastRequest asked = past(request(), Verdict.GRANTED);
    Wish.Extension wish =
        new Wish.Extension(
            "x1", asked.grant(), World.MACHINE, ALICE, Duration.ofMinutes(30), Optional.empty());
    PastExtension extension = new PastExtension(wish, World.NOON.plusSeconds(60), Verdict.GRANTED);
    Policy now = World.policy(extensible(Duration.ofHours(1)));
    List<Past> past = List.of(asked, extension);

    assertThat(compared(now, now, past))
        .allSatisfy(c -> assertThat(c.effect()).isEqualTo(Effect.STAYS))
        .noneSatisfy(c -> assertThat(c.hasDriftedAlready()).isTrue());
    assertThat(compared(now, World.policy(extensible(Duration.ofMinutes(40))), past).get(1))
        .satisfies(c -> assertThat(c.effect()).isEqualTo(Effect.TURNS))
        .satisfies(c -> assertThat(c.changed().why()).startsWith("BEYOND_LIMIT: "));
    Policy closed = World.policy(Terms.window(DayOfWeek.TUESDAY, "00:00", "23:00"));
    assertThat(compared(now, closed, past))
        .extracting(Compared::effect)
        .containsExactly(Effect.TURNS, Effect.TURNS);
  }

  @Test
  void machinesThatAreAskedForTogetherTurnTogether() {
    List<MachineId> both = List.of(World.MACHINE, OTHER);
    AccessRequest one = request().withTogether(both);
    AccessRequest two =
        new AccessRequest(
                one.id(),
                OTHER,
                ALICE,
                one.ports(),
                one.sources(),
                one.startAt(),
                one.duration(),
                one.justification(),
                false,
                one.submittedAt(),
                one.digest())
            .withTogether(both);
    List<Compared> compared =
        new Rehearsal(
                m -> Optional.of(MachineFacts.unseen(m)),
                List.of(World.policy(PolicyTerms.NONE), other()),
                OperatorBounds.DEFAULT,
                Conditions.NONE)
            .of(
                World.policy(Terms.window(DayOfWeek.SUNDAY, "01:00", "02:00")),
                List.of(past(one, Verdict.GRANTED), past(two, Verdict.GRANTED)));
    assertThat(compared)
        .allSatisfy(
            c -> {
              assertThat(c.effect()).isEqualTo(Effect.TURNS);
              assertThat(c.changed().verdict()).isEqualTo(Verdict.DENIED);
            });
  }

  @Test
  void whatThePoliciesInForceAlreadyDecideOtherwiseIsNotTheChangesDoing() {
    Compared c = rehearsed(PolicyTerms.NONE, PolicyTerms.NONE, past(request(), Verdict.DENIED));
    assertThat(c.effect()).isEqualTo(Effect.STAYS);
    assertThat(c.hasDriftedAlready()).isTrue();
  }

  private static Policy other() {
    Policy web = World.policy(PolicyTerms.NONE);
    return new Policy(
        new PolicyId("other"),
        1,
        List.of(new MachineSelector.ById(OTHER)),
        web.ports(),
        Set.of("sre"),
        Set.of(),
        false,
        Optional.empty(),
        web.existingRules(),
        web.sharedGroups(),
        32,
        128,
        PolicyTerms.NONE);
  }

  private static AccessRequest withJustification(String text) {
    AccessRequest r = request();
    return new AccessRequest(
        r.id(),
        r.machine(),
        r.requestor(),
        r.ports(),
        r.sources(),
        r.startAt(),
        r.duration(),
        Optional.of(text),
        false,
        r.submittedAt(),
        r.digest());
  }

  private static PolicyTerms permission() {
    return PolicyTerms.NONE.withLookups(Optional.empty(), true);
  }

  private static PolicyTerms ticket(String pattern) {
    return PolicyTerms.NONE.withLookups(Optional.of(Pattern.compile(pattern)), false);
  }

  private static PolicyTerms extensible(Duration longest) {
    return new PolicyTerms(
        false,
        Optional.empty(),
        Optional.of(longest),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  private static PolicyTerms quota(int open) {
    Quota few = new Quota(OptionalInt.of(open), OptionalInt.empty());
    return PolicyTerms.NONE.withQuotas(new Quotas(few, Quota.NONE));
  }
}
