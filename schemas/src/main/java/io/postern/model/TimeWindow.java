package io.postern.model;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/**
 * When a grant may run: from one time of day to a later one, on some days of the week.
 *
 * @param to exclusive; empty for the end of the day
 */
public record TimeWindow(Set<DayOfWeek> days, LocalTime from, Optional<LocalTime> to, ZoneId zone) {
  public TimeWindow {
    days = Set.copyOf(days);
  }

  /** Until when the window that is open at this moment stays open; empty when it is shut. */
  Optional<Instant> openUntil(Instant at) {
    ZonedDateTime local = at.atZone(zone);
    ZonedDateTime opens = local.toLocalDate().atTime(from).atZone(zone);
    ZonedDateTime shuts =
        to.map(t -> local.toLocalDate().atTime(t).atZone(zone))
            .orElseGet(() -> local.toLocalDate().plusDays(1).atStartOfDay(zone));
    boolean open =
        days.contains(local.getDayOfWeek()) && !local.isBefore(opens) && local.isBefore(shuts);
    return open ? Optional.of(shuts.toInstant()) : Optional.empty();
  }

  /** Whether some window is open at every moment from start to end. */
  public static boolean cover(Collection<TimeWindow> windows, Instant start, Instant end) {
    Instant reached = start;
    while (reached.isBefore(end)) {
      Instant from = reached;
      Optional<Instant> next =
          windows.stream().flatMap(w -> w.openUntil(from).stream()).max(Instant::compareTo);
      if (next.isEmpty()) {
        return false;
      }
      reached = next.get();
    }
    return true;
  }

  /** For example {@code MONDAY, FRIDAY 08:00-18:00 Europe/Berlin}. */
  @Override
  public String toString() {
    String names = String.join(", ", days.stream().sorted().map(DayOfWeek::name).toList());
    return names + " " + from + "-" + to.map(LocalTime::toString).orElse("24:00") + " " + zone;
  }
}
