package io.postern.azure.cloud;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;

/**
 * At most so many calls in any stretch of time of a given length. Unlike a bucket that holds as
 * many and refills over the same time, it never lets through twice the number within it, whichever
 * way the other side counts. What closes may use all, what opens must leave a reserve.
 */
final class Window {
  private final int most;
  private final int reserve;
  private final Duration length;
  private final ArrayDeque<Instant> calls = new ArrayDeque<>();

  /** The network provider takes 1,000 PUT and DELETE in five minutes; a second more for jitter. */
  static Window networkWrites() {
    return new Window(1000, 150, Duration.ofSeconds(301));
  }

  Window(int most, int reserve, Duration length) {
    this.most = most;
    this.reserve = reserve;
    this.length = length;
  }

  /** Which share of the calls may still be made, 0 to 1. */
  double left(Instant now) {
    return 1 - since(now.minus(length)) / (double) most;
  }

  /** How long until a call may be made; zero when it may. */
  Duration wait(Instant now, boolean mayUseReserve) {
    while (!calls.isEmpty() && !calls.getFirst().plus(length).isAfter(now)) {
      calls.removeFirst();
    }
    int allowed = mayUseReserve ? most : most - reserve;
    if (calls.size() < allowed) {
      return Duration.ZERO;
    }
    int inTheWay = calls.size() - allowed;
    Instant free = calls.stream().skip(inTheWay).findFirst().orElse(now).plus(length);
    return Duration.between(now, free);
  }

  /** Calls since. */
  long since(Instant time) {
    return calls.reversed().stream().takeWhile(t -> t.isAfter(time)).count();
  }

  void note(Instant now) {
    calls.addLast(now);
  }
}
