package io.postern.bench.wheels;

import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.apache.kafka.server.util.timer.SystemTimerReaper;
import org.apache.kafka.server.util.timer.TimerTask;

/** A candidate. */
interface Wheel extends AutoCloseable {
  /**
   * Sets a timer.
   *
   * @param atNanos when it is due, by {@link System#nanoTime}
   * @return what cancels it
   */
  Runnable set(long atNanos, Runnable action);

  @Override
  void close();

  /** Kafka's hierarchical wheel of 1 ms ticks. */
  static Wheel kafka() {
    SystemTimerReaper timer = new SystemTimerReaper("reaper", new SystemTimer("wheel"));
    return new Wheel() {
      @Override
      public Runnable set(long atNanos, Runnable action) {
        long atMillis = Math.ceilDiv(atNanos, 1_000_000L);
        TimerTask task =
            new TimerTask(Math.max(0, atMillis - Time.SYSTEM.hiResClockMs())) {
              @Override
              public void run() {
                action.run();
              }
            };
        timer.add(task);
        return task::cancel;
      }

      @Override
      public void close() {
        try {
          timer.close();
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
    };
  }

  /** Netty's hashed wheel of 1 ms ticks; a slot holds the timers of all rounds. */
  static Wheel netty() {
    HashedWheelTimer timer = new HashedWheelTimer(1, TimeUnit.MILLISECONDS, 16_384);
    return new Wheel() {
      @Override
      public Runnable set(long atNanos, Runnable action) {
        Timeout timeout =
            timer.newTimeout(
                t -> action.run(), Math.max(0, atNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        return timeout::cancel;
      }

      @Override
      public void close() {
        timer.stop();
      }
    };
  }

  /** The JDK's executor: a heap behind a lock. */
  static Wheel heap() {
    ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
    executor.setRemoveOnCancelPolicy(true);
    return new Wheel() {
      @Override
      public Runnable set(long atNanos, Runnable action) {
        ScheduledFuture<?> future =
            executor.schedule(
                action, Math.max(0, atNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
      }

      @Override
      public void close() {
        executor.shutdownNow();
        try {
          executor.awaitTermination(Duration.ofSeconds(5).toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    };
  }
}
