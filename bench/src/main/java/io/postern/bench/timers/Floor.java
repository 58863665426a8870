package io.postern.bench.timers;

import io.postern.log.KafkaSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The floor: one thread that knows all times in advance and produces at each. */
final class Floor implements Contestant {
  private final Sink sink;

  Floor(KafkaSettings kafka) throws InterruptedException, ExecutionException {
    sink = new Sink(kafka, topic());
  }

  @Override
  public String name() {
    return "floor: bare produce";
  }

  @Override
  public String topic() {
    return "bench.timers.floor";
  }

  @Override
  public void hold(List<Due> timers) {
    List<Due> sorted = new ArrayList<>(timers);
    sorted.sort(Comparator.comparingLong(Due::atMillis));
    if (sorted.isEmpty() || sorted.get(0).atMillis() > System.currentTimeMillis() + 600_000) {
      return;
    }
    Thread.ofPlatform().daemon().name("floor").start(() -> run(sorted));
  }

  private void run(List<Due> sorted) {
    for (Due d : sorted) {
      while (System.currentTimeMillis() < d.atMillis()) {
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(100));
      }
      sink.send(Observer.name(d.id()), Sink.VALUE);
    }
  }

  @Override
  public void close() {
    sink.close();
  }
}
