package io.postern.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Windows against a model that looks at every minute. */
class TimeWindowPropertyTest {
  private static final List<String> ZONES = List.of("UTC", "Europe/Berlin", "America/New_York");
  // The week in which Berlin's clocks go forward, and the one before.
  private static final Instant WEEK = Instant.parse("2026-03-23T00:00:00Z");

  private static TimeWindow random(Random random) {
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    for (DayOfWeek day : DayOfWeek.values()) {
      if (random.nextInt(3) > 0) {
        days.add(day);
      }
    }
    int from = random.nextInt(20);
    Optional<LocalTime> to =
        random.nextBoolean()
            ? Optional.empty()
            : Optional.of(LocalTime.of(from + 1 + random.nextInt(23 - from), 30));
    return new TimeWindow(
        days, LocalTime.of(from, 0), to, ZoneId.of(ZONES.get(random.nextInt(ZONES.size()))));
  }

  private static boolean naivelyOpen(TimeWindow window, Instant at) {
    ZonedDateTime local = at.atZone(window.zone());
    LocalTime time = local.toLocalTime();
    return window.days().contains(local.getDayOfWeek())
        && !time.isBefore(window.from())
        && window.to().map(time::isBefore).orElse(true);
  }

  @Test
  void aTimeIsCoveredWhenSomeWindowIsOpenAtEachOfItsMinutes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      List<TimeWindow> windows = new ArrayList<>();
      for (int n = 1 + random.nextInt(4); n > 0; n--) {
        windows.add(random(random));
      }
      Instant start = WEEK.plus(Duration.ofMinutes(random.nextInt(14 * 24 * 60)));
      Instant end =
          start.plus(Duration.ofMinutes(1 + random.nextInt(random.nextInt(20) == 0 ? 3000 : 240)));
      boolean open = true;
      for (Instant t = start; t.isBefore(end); t = t.plusSeconds(60)) {
        Instant at = t;
        open &= windows.stream().anyMatch(w -> naivelyOpen(w, at));
      }
      assertThat(TimeWindow.cover(windows, start, end))
          .as("seed %d, case %d: %s to %s in %s", seed, i, start, end, windows)
          .isEqualTo(open);
    }
  }
}
