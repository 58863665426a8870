package io.postern.enforcement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.exposure.Mode;
import io.postern.enforcement.exposure.Posture;
import io.postern.enforcement.exposure.Severity;
import io.postern.enforcement.exposure.Verdict;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AssessorTest {
  private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
  private static final Duration REFRESH = Duration.ofMinutes(15);
  private static final MachineIntent WEB = machine("i-0abc1234def567890");
  private static final MachineIntent DB = machine("i-0abc1234def567891");

  private final List<String> told = new CopyOnWriteArrayList<>();
  private final Map<MachineId, Severity> severities = new ConcurrentHashMap<>();
  private final CountDownLatch mayAnswer = new CountDownLatch(1);
  private volatile Function<MachineIntent, Posture> posture =
      m -> posture(severities.getOrDefault(m.machine(), Severity.NONE));

  private final Reporter reporter =
      new Reporter() {
        @Override
        public void report(Scope scope, Report report) {
          throw new AssertionError(report);
        }

        @Override
        public void assessed(MachineFacts machine, Posture p, Instant at) {
          told.add(machine.name() + " " + p.severity() + " " + at);
        }

        @Override
        public void gone(MachineId machine) {
          told.add(machine.localName() + " gone");
        }
      };

  private Assessor assessor = assessor(Duration.ofMillis(1));

  private Assessor assessor(Duration settling) {
    return new Assessor("test", m -> posture.apply(m), reporter, REFRESH, settling);
  }

  private static MachineIntent machine(String instance) {
    MachineId id = new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/" + instance);
    MachineFacts facts =
        new MachineFacts(id, instance, Map.of(), List.of(), List.of(), true, List.of());
    return new MachineIntent(facts, Optional.empty(), List.of());
  }

  private static Posture posture(Severity severity) {
    return new Posture(
        Mode.STRICT,
        Verdict.healthy(Verdict.Reason.PORTS_CLOSED, "test"),
        severity,
        Optional.empty(),
        List.of(),
        List.of());
  }

  private static String line(MachineIntent machine, Severity severity, Instant at) {
    return machine.machine().localName() + " " + severity + " " + at;
  }

  @AfterEach
  void stop() {
    assessor.close();
  }

  @Test
  void whatHasNotChangedIsToldAgainOnlyWhenItIsOld() {
    assessor.start();
    Instant soon = NOW.plus(REFRESH).minusSeconds(1);
    Instant late = NOW.plus(REFRESH);
    assessor.look(WEB, NOW);
    await().until(() -> told.size() == 1);
    assessor.look(WEB, soon);
    assessor.look(DB, soon);
    await().until(() -> told.size() == 2);
    assessor.look(WEB, late);
    await().until(() -> told.size() == 3);
    severities.put(WEB.machine(), Severity.HIGH);
    assessor.look(WEB, late);
    await().until(() -> told.size() == 4);
    assertThat(told)
        .containsExactly(
            line(WEB, Severity.NONE, NOW),
            line(DB, Severity.NONE, soon),
            line(WEB, Severity.NONE, late),
            line(WEB, Severity.HIGH, late));
  }

  @Test
  void ofLooksThatWaitTheLastCounts() {
    assessor.look(WEB, NOW);
    assessor.look(DB, NOW);
    assessor.look(WEB, NOW.plusSeconds(1));
    assessor.start();
    await().until(() -> told.size() == 2);
    assertThat(told)
        .containsExactly(
            line(WEB, Severity.NONE, NOW.plusSeconds(1)), line(DB, Severity.NONE, NOW));
  }

  @Test
  void ofABurstOfLooksAfterAQuietTimeTheLastCounts() {
    assessor = assessor(Duration.ofSeconds(2));
    assessor.start();
    assessor.look(WEB, NOW);
    assessor.look(DB, NOW);
    severities.put(WEB.machine(), Severity.HIGH);
    assessor.look(WEB, NOW.plusSeconds(1));
    await().until(() -> told.size() == 2);
    assertThat(told)
        .containsExactly(
            line(WEB, Severity.HIGH, NOW.plusSeconds(1)), line(DB, Severity.NONE, NOW));
  }

  @Test
  void nothingIsToldOfAMachineBehindItsTombstone() {
    posture =
        m -> {
          try {
            mayAnswer.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return posture(Severity.NONE);
        };
    assessor.start();
    assessor.look(WEB, NOW);
    assessor.look(DB, NOW);
    assessor.look(WEB, NOW.plusSeconds(1));
    assessor.gone(WEB.machine());
    mayAnswer.countDown();
    await().until(() -> told.contains(line(DB, Severity.NONE, NOW)));
    await().until(() -> told.contains(WEB.machine().localName() + " gone"));
    assertThat(
            told.stream().filter(t -> t.startsWith(WEB.machine().localName())).toList().getLast())
        .endsWith(" gone");
    assessor.look(WEB, NOW);
    await().until(() -> told.getLast().equals(line(WEB, Severity.NONE, NOW)));
  }

  @Test
  void oneThatCannotBeAssessedHoldsUpNoOther() {
    posture =
        m -> {
          if (m.equals(WEB)) {
            throw new IllegalStateException("test");
          }
          return posture(Severity.NONE);
        };
    assessor.look(WEB, NOW);
    assessor.look(DB, NOW);
    assessor.start();
    await().until(() -> told.equals(List.of(line(DB, Severity.NONE, NOW))));
  }
}
