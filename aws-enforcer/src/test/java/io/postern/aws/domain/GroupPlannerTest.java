package io.postern.aws.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GroupPlannerTest {
  private static final Peer ANYBODY = Peer.of(Peer.Kind.IPV4, "0.0.0.0/0");
  private static final PortSpec SSH = PortSpec.tcp(22);
  private final GroupModel group = new GroupModel();

  private void rule(Permission permission) {
    group.put(permission, Optional.empty(), Map.of());
  }

  private static List<Permission> added(GroupPlan plan) {
    return plan.steps().stream()
        .filter(Step.Authorize.class::isInstance)
        .flatMap(s -> ((Step.Authorize) s).rules().stream())
        .map(Step.NewRule::permission)
        .toList();
  }

  @Test
  void aRangeIsSplitAroundThePort() {
    rule(Permission.tcp(20, 30, ANYBODY));

    assertThat(added(group.plan(List.of(SSH))))
        .containsExactlyInAnyOrder(
            Permission.tcp(20, 21, ANYBODY), Permission.tcp(23, 30, ANYBODY));
  }

  @Test
  void addsBeforeItTakesAway() {
    rule(Permission.tcp(20, 30, ANYBODY));

    assertThat(group.plan(List.of(SSH)).steps())
        .extracting(s -> s.getClass().getSimpleName())
        .containsExactly("Authorize", "Revoke");
  }

  @Test
  void aRuleForAllProtocolsIsSpelledOut() {
    rule(new Permission("-1", -1, -1, ANYBODY));

    assertThat(added(group.plan(List.of(SSH))))
        .contains(
            Permission.tcp(0, 21, ANYBODY),
            Permission.tcp(23, 65535, ANYBODY),
            new Permission("udp", 0, 65535, ANYBODY),
            new Permission("icmp", -1, -1, ANYBODY),
            new Permission("47", -1, -1, ANYBODY))
        .noneMatch(p -> p.protocol().equals("icmpv6"));
  }

  @Test
  void udpIsLeftAloneByALockOfTcp() {
    rule(new Permission("udp", 20, 30, ANYBODY));

    assertThat(group.plan(List.of(SSH)).steps()).isEmpty();
    assertThat(group.plan(List.of(new PortSpec(PortRange.of(22), Protocol.ANY))).steps())
        .isNotEmpty();
  }

  @Test
  void rulesFromGroupsAndPrefixListsCountToo() {
    rule(Permission.tcp(22, 22, new Peer(Peer.Kind.GROUP, "sg-1", "123456789012")));
    rule(Permission.tcp(22, 22, Peer.of(Peer.Kind.PREFIX_LIST, "pl-1")));
    rule(Permission.tcp(22, 22, Peer.of(Peer.Kind.IPV6, "::/0")));

    GroupPlan plan = group.plan(List.of(SSH));

    assertThat(plan.before()).hasSize(3);
    assertThat(plan.steps())
        .singleElement()
        .isInstanceOfSatisfying(Step.Revoke.class, r -> assertThat(r.ruleIds()).hasSize(3));
  }

  @Test
  void whatDoesNotFitTheQuotaIsRefusedAndNothingIsWritten() {
    rule(Permission.tcp(20, 30, ANYBODY));
    for (int i = 0; i < 59; i++) {
      rule(Permission.tcp(1000 + i, 1000 + i, ANYBODY));
    }

    GroupPlan plan = group.plan(List.of(SSH));

    assertThat(plan.steps()).isEmpty();
    assertThat(plan.refusedLocks())
        .hasEntrySatisfying(
            GroupModel.MACHINE, r -> assertThat(r.message()).startsWith("RULE_QUOTA: "));
  }

  @Test
  void whatOpensOnlyThePortMayGoFirstWhenTheQuotaIsTight() {
    rule(Permission.tcp(20, 22, ANYBODY));
    rule(Permission.tcp(22, 22, ANYBODY));
    for (int i = 0; i < 58; i++) {
      rule(Permission.tcp(1000 + i, 1000 + i, ANYBODY));
    }

    assertThat(group.plan(List.of(SSH)).steps())
        .extracting(s -> s.getClass().getSimpleName())
        .containsExactly("Revoke", "Authorize", "Revoke");
  }

  @Test
  void aGroupThatIsGoneIsOwedNothing() {
    Observed.Group gone =
        new Observed.Group(
            GroupModel.GROUP, false, Optional.empty(), List.of(), List.of(), Map.of());
    Displaced owed =
        new Displaced(
            Permission.tcp(22, 22, ANYBODY), Optional.empty(), Map.of(), java.util.Set.of());

    GroupPlan plan =
        GroupPlanner.plan(GroupModel.intent(List.of(SSH)), gone, List.of(owed), Limits.DEFAULT);

    assertThat(plan.steps()).isEmpty();
    assertThat(plan.after()).isEmpty();
  }

  @Test
  void anotherAccountsGroupIsNotTouched() {
    Observed.Group foreign =
        new Observed.Group(
            GroupModel.GROUP,
            true,
            Optional.of("999999999999"),
            List.of(new Rule("sgr-1", Permission.tcp(22, 22, ANYBODY), Optional.empty(), Map.of())),
            List.of(),
            Map.of());

    GroupPlan plan =
        GroupPlanner.plan(GroupModel.intent(List.of(SSH)), foreign, List.of(), Limits.DEFAULT);

    assertThat(plan.steps()).isEmpty();
    assertThat(plan.refusedLocks())
        .hasEntrySatisfying(
            GroupModel.MACHINE, r -> assertThat(r.message()).contains("999999999999"));
  }
}
