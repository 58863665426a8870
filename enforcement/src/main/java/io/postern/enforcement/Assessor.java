package io.postern.enforcement;

import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.exposure.Posture;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells how a scope's machines stand, on a thread of its own: with many machines it takes a while,
 * and nothing that opens or closes waits for it. Of several looks at one machine that wait, the
 * last counts. What has not changed is told again once it is old, so that its age can be seen.
 */
final class Assessor implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Assessor.class);

  private record Look(Optional<MachineIntent> machine, Instant at) {}

  private record Told(MachineFacts facts, Posture posture, Instant at) {}

  private final Function<MachineIntent, Posture> posture;
  private final Reporter reporter;
  private final Duration refresh;
  private final Duration settling;
  private final Thread thread;
  private final Map<MachineId, Look> waiting = new LinkedHashMap<>();
  private boolean closed;
  // Touched by the thread only.
  private final Map<MachineId, Told> told = new HashMap<>();

  /**
   * @param refresh age from which on an unchanged assessment is told again
   * @param settling from the first look after a quiet time to its assessment: what is being opened
   *     or closed comes first, and of the looks of a burst at a machine one is assessed
   */
  Assessor(
      String name,
      Function<MachineIntent, Posture> posture,
      Reporter reporter,
      Duration refresh,
      Duration settling) {
    this.posture = posture;
    this.reporter = reporter;
    this.refresh = refresh;
    this.settling = settling;
    this.thread = new Thread(this::run, "assess-" + name);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** The machine was looked at. */
  void look(MachineIntent machine, Instant at) {
    put(machine.machine(), new Look(Optional.of(machine), at));
  }

  /** The machine is no longer there. */
  void gone(MachineId machine) {
    put(machine, new Look(Optional.empty(), Instant.MAX));
  }

  private synchronized void put(MachineId machine, Look look) {
    waiting.put(machine, look);
    notifyAll();
  }

  private synchronized Map.@Nullable Entry<MachineId, Look> next() throws InterruptedException {
    if (waiting.isEmpty() && !closed) {
      while (waiting.isEmpty() && !closed) {
        wait();
      }
      long until = System.nanoTime() + settling.toNanos();
      for (long left = settling.toNanos(); left > 0 && !closed; left = until - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    }
    if (closed) {
      return null;
    }
    Map.Entry<MachineId, Look> first = waiting.entrySet().iterator().next();
    Map.Entry<MachineId, Look> copy = Map.entry(first.getKey(), first.getValue());
    waiting.remove(first.getKey());
    return copy;
  }

  private void run() {
    try {
      Map.Entry<MachineId, Look> next = next();
      while (next != null) {
        tell(next.getKey(), next.getValue());
        next = next();
      }
    } catch (InterruptedException e) {
      LOGGER.atDebug().log("interrupted to stop");
    }
  }

  private void tell(MachineId id, Look look) {
    try {
      if (look.machine().isEmpty()) {
        told.remove(id);
        reporter.gone(id);
        return;
      }
      MachineFacts facts = look.machine().get().facts();
      Told now = new Told(facts, posture.apply(look.machine().get()), look.at());
      Told before = told.get(id);
      if (before == null || isNews(before, now)) {
        told.put(id, now);
        reporter.assessed(facts, now.posture(), now.at());
      }
    } catch (RuntimeException e) {
      LOGGER.atError().addKeyValue("machine", id).setCause(e).log("assessing failed");
    }
  }

  private boolean isNews(Told before, Told now) {
    return !before.facts().equals(now.facts())
        || !before.posture().equals(now.posture())
        || !now.at().isBefore(before.at().plus(refresh));
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
