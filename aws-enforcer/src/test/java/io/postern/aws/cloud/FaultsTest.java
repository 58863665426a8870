package io.postern.aws.cloud;

import static io.postern.aws.cloud.Lab.WEB;
import static io.postern.aws.cloud.Lab.WEB_GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Outcome;
import io.postern.model.PortSpec;
import io.postern.simulator.kernel.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong at any call leaves nothing wrong behind. */
class FaultsTest {
  private static final String PERSON = "203.0.113.7";
  private static final String STRANGER = "198.18.0.1";
  private static final int[] OTHER_PORTS = {20, 21, 23, 30, 443};

  private static final List<Consumer<Lab>> STAGES =
      List.of(
          lab -> lab.lock(WEB, false, PortSpec.tcp(22)),
          lab -> lab.open(WEB, 22, PERSON),
          lab -> lab.open(WEB, 22, PERSON),
          lab -> lab.open(WEB, 22, "203.0.113.8"),
          lab -> lab.grants.values().forEach(List::removeFirst),
          lab -> lab.grants.clear(),
          lab -> lab.locks.clear());

  private static void check(Lab lab) {
    checkReach(lab);
    boolean isOpen = lab.grants.values().stream().anyMatch(g -> !g.isEmpty());
    assertThat(lab.accessGroups()).hasSize(isOpen ? 1 : 0);
  }

  private static void checkReach(Lab lab) {
    boolean isLocked = !lab.locks.isEmpty();
    assertThat(lab.reaches(STRANGER, WEB, 22)).isEqualTo(!isLocked);
    boolean isOpen = lab.grants.values().stream().anyMatch(g -> !g.isEmpty());
    if (isLocked) {
      assertThat(lab.reaches(PERSON, WEB, 22)).isEqualTo(isOpen);
    }
    otherPortsAreOpen(lab);
  }

  private static void otherPortsAreOpen(Lab lab) {
    for (int port : OTHER_PORTS) {
      assertThat(lab.reaches(STRANGER, WEB, port)).as("port %d", port).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AuthorizeSecurityGroupIngress",
        "RevokeSecurityGroupIngress",
        "CreateSecurityGroup",
        "RevokeSecurityGroupEgress",
        "ModifyNetworkInterfaceAttribute",
        "ModifySecurityGroupRules",
        "CreateTags",
        "DeleteTags",
        "DeleteSecurityGroup",
        "DescribeSecurityGroupRules"
      })
  void everyFaultOfEveryActionIsSurvived(String action) {
    faulty(action, Fault.Kind.LOST_ANSWER, 0, "");
    faulty(action, Fault.Kind.ERROR_AFTER, 500, "InternalError");
    faulty(action, Fault.Kind.ERROR_BEFORE, 503, "RequestLimitExceeded");
    if (action.endsWith("Ingress")) {
      faulty(action, Fault.Kind.ERROR_BEFORE, 500, "InternalError");
      faulty(action, Fault.Kind.RESET, 0, "");
    }
  }

  private static void faulty(String action, Fault.Kind kind, int status, String code) {
    try (Lab lab = new Lab()) {
      List<String> before = lab.rules(WEB_GROUP);
      for (Consumer<Lab> stage : STAGES) {
        lab.pass(OwnWrites.LATELY);
        stage.accept(lab);
        lab.fault(action, 1, 1, kind, status, code);
        lab.settle();
        lab.simulator.server().faults().clear();
        check(lab);
      }
      assertThat(lab.rules(WEB_GROUP)).isEqualTo(before);
      assertThat(lab.recorded).isEmpty();
      assertThat(lab.drifts).as("our own hand").isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void staleReadsAreNotTakenForAnothersHand(long seed) {
    try (Lab lab = new Lab(OwnWrites.PAUSE)) {
      List<String> before = lab.rules(WEB_GROUP);
      lab.post("settings", "{\"staleness\": \"PT0.6S\", \"seed\": " + seed + "}");
      for (Consumer<Lab> stage : STAGES) {
        stage.accept(lab);
        lab.settle();
        lab.settle();
      }
      lab.post("settings", "{\"staleness\": \"PT0S\"}");
      lab.settle();
      check(lab);
      assertThat(lab.rules(WEB_GROUP)).isEqualTo(before);
      assertThat(lab.drifts).as("our own hand").isEmpty();
    }
  }

  @Test
  void aDependencyThatComesAndGoesDelaysOnlyTheGroup() {
    try (Lab lab = new Lab()) {
      Grant grant = lab.open(WEB, 22, PERSON);
      lab.settle();
      lab.grants.clear();
      lab.fault("DeleteSecurityGroup", 1, 2, Fault.Kind.ERROR_BEFORE, 400, "DependencyViolation");
      Lab.Looks looks = lab.look();

      assertThat(looks.of(WEB).trouble()).containsInstanceOf(Outcome.Deferred.class);
      assertThat(looks.of(WEB).assessment().orElseThrow().present()).doesNotContain(grant.id());
      lab.settle();
      assertThat(lab.accessGroups()).isEmpty();
    }
  }

  @Test
  void aProcessThatDiesAfterAnyCallIsTakenOverFrom() {
    assertThat(deaths(STAGES, lab -> {}, FaultsTest::check)).isGreaterThan(12);
  }

  @Test
  void soIsOneWhoseGrantsStandInAGroupThatIsLent() {
    List<Consumer<Lab>> stages = new ArrayList<>(STAGES);
    stages.set(0, lab -> StandingScene.lock(lab, 22));
    assertThat(
            deaths(
                stages,
                StandingScene::set,
                lab -> {
                  checkReach(lab);
                  assertThat(lab.accessGroups()).as("no group is made").hasSize(1);
                  long open = lab.grants.values().stream().mapToLong(List::size).sum();
                  assertThat(lab.rules(lab.accessGroups().getFirst()).isEmpty())
                      .isEqualTo(open == 0);
                }))
        .isGreaterThan(6);
  }

  /** How often it died, once after each call; after each death and stage all is as it should be. */
  private static int deaths(
      List<Consumer<Lab>> stages, Consumer<Lab> scene, Consumer<Lab> inOrder) {
    int deaths = 0;
    for (int call = 1; ; call++) {
      try (Lab lab = new Lab()) {
        scene.accept(lab);
        List<String> before = lab.rules(WEB_GROUP);
        Mortal mortal = new Mortal(call, () -> otherPortsAreOpen(lab));
        lab.wrap(mortal::around);
        for (Consumer<Lab> stage : stages) {
          lab.pass(OwnWrites.LATELY);
          stage.accept(lab);
          try {
            lab.settle();
          } catch (Mortal.Death e) {
            deaths++;
            lab.restart();
            lab.settle();
          }
          inOrder.accept(lab);
        }
        assertThat(lab.rules(WEB_GROUP)).as("dead after call %d", call).isEqualTo(before);
        assertThat(lab.recorded).isEmpty();
        assertThat(lab.drifts).as("our own hand").isEmpty();
        if (!mortal.isDead()) {
          return deaths;
        }
      }
    }
  }
}
