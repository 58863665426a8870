package io.postern.expiry.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Whatever the order of leases, ends, expirations and rings: never early, never twice, never after
 * an end.
 */
class DeadlinesPropertyTest {
  private static final int HISTORIES = 5_000;
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");

  private static Deadline deadline(int grant, Instant end) {
    UUID id = new UUID(0, grant);
    return new Deadline(new GrantId(id), new RequestId(id), MACHINE, end);
  }

  @Test
  void neverEarlyNeverTwiceNeverAfterAnEnd() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int h = 0; h < HISTORIES; h++) {
      Deadlines deadlines = new Deadlines();
      Set<GrantId> over = new HashSet<>();
      Instant[] ends = new Instant[4];
      Instant now = START;
      for (int step = 0; step < 40; step++) {
        now = now.plusMillis(random.nextInt(50));
        int n = random.nextInt(4);
        GrantId grant = new GrantId(new UUID(0, n));
        String where = "seed %d, history %d, step %d".formatted(seed, h, step);
        switch (random.nextInt(5)) {
          case 0, 1 -> {
            if (ends[n] == null || !over.contains(grant)) {
              ends[n] = now.plusMillis(random.nextInt(200));
              deadlines.runs(deadline(n, ends[n]));
            }
          }
          case 2 -> {
            if (random.nextInt(4) == 0) {
              deadlines.expired(grant);
              over.add(grant);
            }
          }
          case 3 -> {
            switch (deadlines.verdict(grant, Duration.ZERO, now)) {
              case Deadlines.Verdict.Fire f -> {
                assertThat(now).as(where).isAfterOrEqualTo(ends[n]);
                assertThat(over).as(where).doesNotContain(grant);
                deadlines.expired(grant);
                over.add(grant);
              }
              case Deadlines.Verdict.Wait w ->
                  assertThat(now.plus(w.remaining())).as(where).isEqualTo(ends[n]);
              case Deadlines.Verdict.Silence s ->
                  assertThat(ends[n] == null || over.contains(grant)).as(where).isTrue();
            }
          }
          default -> {
            // Time passes.
          }
        }
      }
    }
  }
}
