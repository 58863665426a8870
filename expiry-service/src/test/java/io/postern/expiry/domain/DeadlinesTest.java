package io.postern.expiry.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What was not verified decides nothing. */
class DeadlinesTest {
  private static final UUID GRANT = new UUID(1, 2);
  private static final long END = 1_000_000;

  private final List<Long> released = new ArrayList<>();
  private final List<Deadline> dropped = new ArrayList<>();
  private final Deadlines deadlines = new Deadlines(released::add, dropped::add);

  private Deadline runs(long end, long record, boolean verified) {
    deadlines.runs(GRANT, end, record, verified);
    Deadline[] found = new Deadline[1];
    deadlines.forEach(d -> found[0] = d);
    return found[0];
  }

  private Deadlines.Step at(Deadline d, long micros) {
    return deadlines.next(d, micros, 0);
  }

  @Test
  void aClaimIsVerifiedBeforeItFires() {
    Deadline d = runs(END, 7, false);
    assertThat(at(d, END - 1)).isEqualTo(new Deadlines.Step.Wait(END));
    assertThat(at(d, END)).isEqualTo(new Deadlines.Step.Verify(7));
    deadlines.verified(GRANT, 7, true);
    assertThat(at(d, END)).isEqualTo(new Deadlines.Step.Fire(7, END));
  }

  @Test
  void aForgedExtensionDoesNotPutAnEndOff() {
    runs(END, 7, false);
    Deadline d = runs(END * 1000, 8, false);
    assertThat(at(d, END)).isEqualTo(new Deadlines.Step.Verify(8));
    deadlines.verified(GRANT, 8, false);
    assertThat(at(d, END)).isEqualTo(new Deadlines.Step.Verify(7));
    deadlines.verified(GRANT, 7, true);
    assertThat(at(d, END)).isEqualTo(new Deadlines.Step.Fire(7, END));
    assertThat(released).containsExactly(8L);
  }

  @Test
  void aTrueExtensionPutsAnEndOff() {
    runs(END, 7, false);
    Deadline d = runs(END * 2, 8, false);
    deadlines.verified(GRANT, 8, true);
    assertThat(at(d, END)).isEqualTo(new Deadlines.Step.Wait(END * 2));
    assertThat(released).containsExactly(7L);
  }

  @Test
  void aForgedEndCancelsNothingAndATrueOneDoes() {
    Deadline d = runs(END, 7, true);
    deadlines.ended(GRANT, 8, false);
    assertThat(at(d, END)).isEqualTo(new Deadlines.Step.Verify(8));
    deadlines.verified(GRANT, 8, false);
    assertThat(at(d, END)).isEqualTo(new Deadlines.Step.Fire(7, END));
    deadlines.ended(GRANT, 9, true);
    assertThat(at(d, END)).isEqualTo(new Deadlines.Step.Silence());
    assertThat(dropped).containsExactly(d);
    assertThat(deadlines.size()).isZero();
  }

  @Test
  void aForgedAnnouncementSilencesNothingAndATrueOneDoes() {
    Deadline d = runs(END, 7, true);
    deadlines.announced(GRANT, END, 8, false);
    assertThat(at(d, END)).isEqualTo(new Deadlines.Step.Verify(8));
    deadlines.verified(GRANT, 8, false);
    assertThat(at(d, END)).isInstanceOf(Deadlines.Step.Fire.class);
    deadlines.announced(GRANT, END, 9, false);
    deadlines.announced(GRANT, END, 10, false);
    deadlines.verified(GRANT, 10, false);
    deadlines.verified(GRANT, 9, true);
    assertThat(at(d, END)).isEqualTo(new Deadlines.Step.Silence());
    deadlines.announced(GRANT, END, 11, false);
    assertThat(at(d, END)).isEqualTo(new Deadlines.Step.Silence());
    assertThat(released).containsExactly(8L, 10L, 11L);
  }

  @Test
  void anInstantThatMovedAfterItWasAnnouncedIsAnnouncedAnew() {
    Deadline d = runs(END, 7, true);
    deadlines.sent(d, true);
    deadlines.acknowledged(d, END);
    runs(END * 2, 8, true);
    assertThat(at(d, END)).isEqualTo(new Deadlines.Step.Wait(END * 2));
    assertThat(at(d, END * 2)).isEqualTo(new Deadlines.Step.Fire(8, END * 2));
    deadlines.announced(GRANT, END * 2, 9, true);
    assertThat(at(d, END * 2)).isEqualTo(new Deadlines.Step.Silence());
    assertThat(deadlines.isAnnounced(GRANT, END)).isTrue();
    assertThat(deadlines.isAnnounced(GRANT, END + 1)).isFalse();
  }

  @Test
  void whatIsLeftOutForGoodIsNotAnnounced() {
    Deadline d = runs(END, 7, true);
    deadlines.acknowledged(d, END);
    assertThat(at(d, END)).isEqualTo(new Deadlines.Step.Silence());
  }

  @Test
  void whatIsOnItsWayIsNotSentAgainUntilItIsLost() {
    Deadline d = runs(END, 7, true);
    deadlines.sent(d, true);
    assertThat(at(d, END)).isEqualTo(new Deadlines.Step.Silence());
    deadlines.sent(d, false);
    assertThat(at(d, END)).isInstanceOf(Deadlines.Step.Fire.class);
  }

  @Test
  void anEndWithinAMillisecondWaitsForTheWholeOne() {
    Deadline d = runs(END + 1, 7, true);
    assertThat(at(d, END + 999)).isEqualTo(new Deadlines.Step.Wait(END + 1_000));
    assertThat(at(d, END + 1_000)).isEqualTo(new Deadlines.Step.Fire(7, END + 1));
  }

  @Test
  void anAnnouncementWhoseLeaseIsOffTheLogIsForgotten() {
    deadlines.announced(GRANT, END, 7, false);
    deadlines.forgetWithoutLease();
    assertThat(deadlines.size()).isZero();
    assertThat(released).containsExactly(7L);
  }

  @Test
  void inAStormWhatFallsDueMeanwhileGoesWithTheNextBatch() {
    DueQueue<Integer> queue = new DueQueue<>();
    for (int i = 0; i < 1_000; i++) {
      queue.add(i);
    }
    queue.take(100);
    queue.add(5_000);
    assertThat(queue.take(10)).contains(5_000).contains(50);
  }
}
