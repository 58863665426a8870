package io.postern.policy.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.Cidr;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.model.Shortage;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DeciderTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final MachineId ID =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final MachineFacts MACHINE =
      new MachineFacts(ID, "web-01", Map.of("env", "prod"), List.of(), List.of(), true, List.of());

  private static Policy policy(String name, MachineSelector selector, List<String> sources) {
    return new Policy(
        new PolicyId(name),
        1,
        List.of(selector),
        List.of(
            new PortRule(
                PortSpec.tcp(22), sources.stream().map(Cidr::parse).toList(), Duration.ofHours(3))),
        Set.of("sre"),
        Set.of(),
        false,
        Optional.empty(),
        Policy.ExistingRules.PRIORITY,
        Policy.SharedGroups.REFUSE,
        32,
        128);
  }

  private static final Policy BY_ID = policy("by-id", new MachineSelector.ById(ID), List.of());

  private static AccessRequest request(String group, int port, Duration time, String... sources) {
    return new AccessRequest(
        new RequestId(UUID.randomUUID()),
        ID,
        new Requestor("alice", "issuer", Set.of(group)),
        List.of(PortSpec.tcp(port)),
        List.of(sources).stream().map(Cidr::parse).toList(),
        Optional.empty(),
        time,
        Optional.empty(),
        false,
        NOW,
        "digest");
  }

  private static Decision decide(AccessRequest request, Policy... policies) {
    return Decider.decide(
        held(request, MACHINE, true, List.of(), NOW),
        List.of(policies),
        OperatorBounds.DEFAULT,
        Conditions.NONE,
        NOW);
  }

  private static Decider.Case held(
      AccessRequest request, MachineFacts machine, boolean known, List<Grant> running, Instant at) {
    return new Decider.Case(request, machine, known, running, List.of(), new UsageIndex(), at);
  }

  private static void assertDenied(Decision decision, String check, ErrorCode code) {
    assertThat(decision).isInstanceOf(Decision.Denied.class);
    assertThat(decision.checks())
        .filteredOn(c -> c.result() == Check.Result.FAILED)
        .anySatisfy(
            c -> {
              assertThat(c.name()).isEqualTo(check);
              assertThat(c.code()).isEqualTo(code);
            });
  }

  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void grantsUntilTheEndOfWhatIsAskedFor() {
    Decision d = decide(request("sre", 22, HOUR, "203.0.113.7"), BY_ID);
    assertThat(d)
        .isInstanceOfSatisfying(
            Decision.Granted.class,
            g -> {
              assertThat(g.expiresAt()).isEqualTo(NOW.plus(HOUR));
              assertThat(g.policy()).isEqualTo(BY_ID.id());
            });
  }

  @Test
  void deniesWhoIsNeitherASubjectNorInAGroup() {
    assertDenied(
        decide(request("interns", 22, HOUR, "203.0.113.7"), BY_ID),
        "requestor",
        ErrorCode.NOT_ENTITLED);
  }

  @Test
  void deniesAPortThatNoPolicyCovers() {
    assertDenied(
        decide(request("sre", 3389, HOUR, "203.0.113.7"), BY_ID),
        "ports",
        ErrorCode.POLICY_UNSATISFIED);
  }

  @Test
  void deniesAMachineThatNoPolicyCovers() {
    assertDenied(
        decide(request("sre", 22, HOUR, "203.0.113.7")), "machine", ErrorCode.POLICY_UNSATISFIED);
  }

  @Test
  void deniesAMachineThatNoEnforcerHasSeen() {
    Decision d =
        Decider.decide(
            held(
                request("sre", 22, HOUR, "203.0.113.7"),
                MachineFacts.unseen(ID),
                false,
                List.of(),
                NOW),
            List.of(BY_ID),
            OperatorBounds.DEFAULT,
            Conditions.NONE,
            NOW);
    assertDenied(d, "machine", ErrorCode.TARGET_NOT_FOUND);
  }

  @Test
  void deniesTheWholeInternetInOnePieceAndInTwo() {
    for (List<String> sources :
        List.of(
            List.of("0.0.0.0/0"),
            List.of("0.0.0.0/1", "128.0.0.0/1"),
            List.of("::/0"),
            List.of("203.0.113.7", "203.0.113.8"))) {
      assertDenied(
          decide(request("sre", 22, HOUR, sources.toArray(String[]::new)), BY_ID),
          "sources",
          ErrorCode.POLICY_UNSATISFIED);
    }
  }

  @Test
  void deniesSpecialRangesUnlessThePolicyNamesThem() {
    for (String source :
        List.of(
            "10.0.0.1",
            "100.64.0.1",
            "192.168.1.1",
            "224.0.0.1",
            "::ffff:203.0.113.7",
            "fe80::1")) {
      assertDenied(
          decide(request("sre", 22, HOUR, source), BY_ID), "sources", ErrorCode.POLICY_UNSATISFIED);
    }
    Policy internal = policy("internal", new MachineSelector.ById(ID), List.of("10.0.0.0/8"));
    assertThat(decide(request("sre", 22, HOUR, "10.1.2.3"), internal))
        .isInstanceOf(Decision.Granted.class);
  }

  @Test
  void allowsAnAddressInsideANamedNetworkAndNoneOutside() {
    Policy office = policy("office", new MachineSelector.ById(ID), List.of("198.51.100.0/24"));
    assertThat(decide(request("sre", 22, HOUR, "198.51.100.9"), office))
        .isInstanceOf(Decision.Granted.class);
    assertDenied(
        decide(request("sre", 22, HOUR, "203.0.113.7"), office),
        "sources",
        ErrorCode.POLICY_UNSATISFIED);
  }

  @Test
  void holdsTheDurationAgainstPolicyAndOperator() {
    assertDenied(
        decide(request("sre", 22, Duration.ofHours(4), "203.0.113.7"), BY_ID),
        "duration",
        ErrorCode.POLICY_UNSATISFIED);
    assertDenied(
        decide(request("sre", 22, Duration.ofMinutes(4), "203.0.113.7"), BY_ID),
        "duration",
        ErrorCode.POLICY_UNSATISFIED);
  }

  @Test
  void thePolicyThatNamesTheMachineMostCloselyDecides() {
    Policy byTag =
        policy(
            "by-tag",
            new MachineSelector.Aws(
                Optional.empty(), Optional.empty(), Map.of("env", "prod"), Optional.empty()),
            List.of("0.0.0.0/0"));
    assertDenied(
        decide(request("sre", 22, HOUR, "0.0.0.0/0"), BY_ID, byTag),
        "sources",
        ErrorCode.POLICY_UNSATISFIED);
    assertThat(decide(request("sre", 22, HOUR, "0.0.0.0/0"), byTag))
        .isInstanceOf(Decision.Granted.class);
  }

  @Test
  void ofEquallyClosePoliciesEachMustAgree() {
    Policy strict = policy("strict", new MachineSelector.ById(ID), List.of("198.51.100.0/24"));
    assertDenied(
        decide(request("sre", 22, HOUR, "203.0.113.7"), BY_ID, strict),
        "sources",
        ErrorCode.POLICY_UNSATISFIED);
  }

  @Test
  void aJustificationMustMatchAsAWhole() {
    Policy ticket =
        new Policy(
            new PolicyId("ticket"),
            1,
            BY_ID.machines(),
            BY_ID.ports(),
            Set.of("sre"),
            Set.of(),
            true,
            Optional.of(Pattern.compile("INC-[0-9]+")),
            BY_ID.existingRules(),
            BY_ID.sharedGroups(),
            32,
            128);
    AccessRequest plain = request("sre", 22, HOUR, "203.0.113.7");
    assertDenied(decide(plain, ticket), "justification", ErrorCode.POLICY_UNSATISFIED);
    AccessRequest given =
        new AccessRequest(
            plain.id(),
            ID,
            plain.requestor(),
            plain.ports(),
            plain.sources(),
            Optional.empty(),
            HOUR,
            Optional.of("INC-42"),
            false,
            NOW,
            "digest");
    assertThat(decide(given, ticket)).isInstanceOf(Decision.Granted.class);
  }

  @Test
  void aRequestThatWaitedTooLongIsDenied() {
    AccessRequest request = request("sre", 22, HOUR, "203.0.113.7");
    Decision d =
        Decider.decide(
            held(request, MACHINE, true, List.of(), NOW.plus(Duration.ofMinutes(11))),
            List.of(BY_ID),
            OperatorBounds.DEFAULT,
            Conditions.NONE,
            NOW.plus(Duration.ofMinutes(11)));
    assertDenied(d, "age", ErrorCode.POLICY_UNSATISFIED);
  }

  @Test
  void supersedesOnlyTheSamePersonsGrantForTheSame() {
    AccessRequest request = request("sre", 22, HOUR, "203.0.113.7");
    GrantId same = new GrantId(new UUID(0, 1));
    GrantId otherPerson = new GrantId(new UUID(0, 2));
    GrantId otherSource = new GrantId(new UUID(0, 3));
    Decision d =
        Decider.decide(
            held(
                request,
                MACHINE,
                true,
                List.of(
                    running(same, "issuer", request, request.sources()),
                    running(otherPerson, "other issuer", request, request.sources()),
                    running(otherSource, "issuer", request, List.of(Cidr.parse("203.0.113.99")))),
                NOW),
            List.of(BY_ID),
            OperatorBounds.DEFAULT,
            Conditions.NONE,
            NOW);
    assertThat(((Decision.Granted) d).superseded()).containsExactly(same);
  }

  private static Grant running(
      GrantId id, String issuer, AccessRequest request, List<Cidr> sources) {
    return new Grant(
        id,
        request.id(),
        ID,
        new Owner("alice", issuer),
        request.ports(),
        sources,
        NOW,
        NOW.plus(HOUR),
        BY_ID.id(),
        1,
        Optional.empty(),
        Optional.empty(),
        false);
  }

  private static Decision decideWithRoom(int rulesLeft, AccessRequest request, Grant... running) {
    MachineFacts crowded =
        new MachineFacts(
            ID,
            "web-01",
            Map.of("env", "prod"),
            List.of(),
            List.of(),
            true,
            List.of(),
            Optional.of(new Shortage(rulesLeft, "the group is near its quota")),
            Optional.empty());
    return Decider.decide(
        held(request, crowded, true, List.of(running), NOW),
        List.of(BY_ID),
        OperatorBounds.DEFAULT,
        Conditions.NONE,
        NOW);
  }

  @Test
  void promisesNoGrantThatDoesNotFitOnItsMachine() {
    AccessRequest one = request("sre", 22, HOUR, "203.0.113.7");
    assertDenied(decideWithRoom(0, one), "room", ErrorCode.NO_ROOM);
    assertThat(decideWithRoom(0, one).checks())
        .anyMatch(c -> c.detail().contains("the group is near its quota"));
    assertThat(decideWithRoom(1, one)).isInstanceOf(Decision.Granted.class);
    AccessRequest two = request("sre", 22, HOUR, "203.0.113.7", "2001:db8::1");
    assertDenied(decideWithRoom(1, two), "room", ErrorCode.NO_ROOM);
    assertThat(decideWithRoom(2, two)).isInstanceOf(Decision.Granted.class);
  }

  @Test
  void whatTakesThePlaceOfAGrantNeedsNoRoom() {
    AccessRequest again = request("sre", 22, HOUR, "203.0.113.7");
    GrantId before = GrantId.of(new RequestId(new UUID(7, 7)), ID);
    Grant own = running(before, again.requestor().issuer(), again, again.sources());
    assertThat(decideWithRoom(0, again, own)).isInstanceOf(Decision.Granted.class);
  }

  @Test
  void anExplicitDenyBeatsWhateverElseAllows() {
    Policy deny =
        policy(
                "deny",
                new MachineSelector.Aws(
                    Optional.empty(), Optional.of("eu-west-1"), Map.of(), Optional.empty()),
                List.of())
            .withTerms(Terms.DENY);
    AccessRequest request = request("sre", 22, HOUR, "203.0.113.7");
    assertDenied(decide(request, BY_ID, deny), "deny", ErrorCode.POLICY_UNSATISFIED);
    AccessRequest others = request("interns", 22, HOUR, "203.0.113.7");
    assertDenied(decide(others, BY_ID, deny), "requestor", ErrorCode.NOT_ENTITLED);
  }

  @Test
  void aGrantThatBeginsLaterRunsFromThenAndSupersedesNothingBefore() {
    AccessRequest plain = request("sre", 22, HOUR, "203.0.113.7");
    Instant tomorrow = NOW.plus(Duration.ofDays(1));
    AccessRequest later = starting(plain, tomorrow);
    Grant now = running(new GrantId(new UUID(0, 1)), "issuer", plain, plain.sources());
    Decision d =
        Decider.decide(
            held(later, MACHINE, true, List.of(now), NOW),
            List.of(BY_ID),
            OperatorBounds.DEFAULT,
            Conditions.NONE,
            NOW);
    assertThat(d)
        .isInstanceOfSatisfying(
            Decision.Granted.class,
            g -> {
              assertThat(g.startsAt()).isEqualTo(tomorrow);
              assertThat(g.expiresAt()).isEqualTo(tomorrow.plus(HOUR));
              assertThat(g.superseded()).isEmpty();
            });
    assertDenied(
        decide(starting(plain, NOW.plus(Duration.ofDays(8))), BY_ID),
        "start",
        ErrorCode.POLICY_UNSATISFIED);
  }

  @Test
  void theWholeGrantMustLieInTheWindows() {
    // NOW is a Sunday, noon.
    Policy sundays = BY_ID.withTerms(Terms.window(DayOfWeek.SUNDAY, "08:00", "13:30"));
    assertThat(decide(request("sre", 22, HOUR, "203.0.113.7"), sundays))
        .isInstanceOf(Decision.Granted.class);
    assertDenied(
        decide(request("sre", 22, HOUR.multipliedBy(2), "203.0.113.7"), sundays),
        "windows",
        ErrorCode.POLICY_UNSATISFIED);
  }

  private static AccessRequest starting(AccessRequest r, Instant at) {
    return new AccessRequest(
        r.id(),
        r.machine(),
        r.requestor(),
        r.ports(),
        r.sources(),
        Optional.of(at),
        r.duration(),
        r.justification(),
        false,
        r.submittedAt(),
        r.digest());
  }

  @Test
  void aConditionThatDoesNotHoldOrCannotBeEvaluatedDenies() {
    Policy policy = BY_ID.withTerms(Terms.condition("true"));
    AccessRequest request = request("sre", 22, HOUR, "203.0.113.7");
    assertThat(decideWith((p, r, m, now) -> Optional.empty(), request, policy))
        .isInstanceOf(Decision.Granted.class);
    assertDenied(
        decideWith((p, r, m, now) -> Optional.of("not true"), request, policy),
        "condition",
        ErrorCode.POLICY_UNSATISFIED);
    assertDenied(decide(request, policy), "condition", ErrorCode.POLICY_UNSATISFIED);
  }

  private static Decision decideWith(Conditions conditions, AccessRequest request, Policy policy) {
    return Decider.decide(
        held(request, MACHINE, true, List.of(), NOW),
        List.of(policy),
        OperatorBounds.DEFAULT,
        conditions,
        NOW);
  }
}
