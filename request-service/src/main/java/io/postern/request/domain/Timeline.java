package io.postern.request.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What is open and for how long, as bars beside each other.
 *
 * @param from the left edge
 * @param to the right edge
 * @param now where now is, in thousandths of the width
 */
public record Timeline(Instant from, Instant to, int now, List<Bar> bars) {
  private static final int WIDTH = 1000;
  private static final int NARROWEST = 4;
  private static final Duration BEFORE = Duration.ofMinutes(30);
  private static final Duration AT_LEAST = Duration.ofMinutes(30);
  private static final Duration AT_MOST = Duration.ofHours(24);

  /**
   * One grant.
   *
   * @param start its left end, in thousandths of the width
   * @param width at least enough to be seen
   */
  public record Bar(GrantView grant, int start, int width) {}

  public Timeline {
    bars = List.copyOf(bars);
  }

  /** The grants that have a beginning and an end, the one that ends first on top. */
  public static Timeline of(List<GrantView> grants, Instant now) {
    List<GrantView> shown =
        grants.stream()
            .filter(g -> g.given().isPresent() && g.expiresAt().isPresent())
            .sorted(Comparator.comparing((GrantView g) -> g.expiresAt().orElseThrow()))
            .toList();
    Instant from =
        shown.stream()
            .map(Timeline::start)
            .filter(s -> s.isAfter(now.minus(AT_MOST)))
            .min(Comparator.naturalOrder())
            .filter(s -> s.isBefore(now.minus(BEFORE)))
            .orElse(now.minus(BEFORE));
    Instant to =
        shown.stream()
            .map(g -> g.expiresAt().orElseThrow())
            .filter(e -> e.isBefore(now.plus(AT_MOST)))
            .max(Comparator.naturalOrder())
            .filter(e -> e.isAfter(now.plus(AT_LEAST)))
            .orElse(now.plus(AT_LEAST));
    List<Bar> bars = new ArrayList<>();
    for (GrantView g : shown) {
      int left = place(start(g), from, to);
      int right = place(g.expiresAt().orElseThrow(), from, to);
      int width = Math.max(NARROWEST, right - left);
      bars.add(new Bar(g, Math.min(left, WIDTH - width), width));
    }
    return new Timeline(from, to, place(now, from, to), bars);
  }

  private static Instant start(GrantView grant) {
    return grant
        .opened()
        .map(GrantView.Opened::at)
        .orElseGet(() -> grant.given().orElseThrow().startsAt());
  }

  private static int place(Instant moment, Instant from, Instant to) {
    long whole = Duration.between(from, to).toMillis();
    long part = Duration.between(from, moment).toMillis();
    return (int) Math.clamp(part * WIDTH / whole, 0, WIDTH);
  }
}
