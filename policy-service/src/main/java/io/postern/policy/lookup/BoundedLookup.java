package io.postern.policy.lookup;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.postern.policy.domain.Finding;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks outside, with bounds: so many at once, so many tries, so long in all, so many answers kept
 * for so long. The same question at the same time is asked once. What is UNAVAILABLE is not kept.
 *
 * @param <K> a question
 */
final class BoundedLookup<K> implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(BoundedLookup.class);

  /**
   * The bounds.
   *
   * @param patience longest time that a caller waits for an answer, tries and queue included
   * @param pause between two tries
   */
  record Limits(
      int atOnce, int tries, Duration pause, Duration patience, int kept, Duration keptFor) {
    static final Limits DEFAULT =
        new Limits(
            256, 2, Duration.ofMillis(200), Duration.ofSeconds(8), 10_000, Duration.ofMinutes(1));
  }

  /** Asks once, in bounded time. */
  interface Ask<K> {
    /**
     * HOLDS or FAILS.
     *
     * @throws IOException when the other side cannot say, now
     */
    Finding of(K question) throws IOException, InterruptedException;
  }

  private final Limits limits;
  private final Ask<K> ask;
  private final BiFunction<K, String, Finding> unavailable;
  private final Semaphore free;
  private final AsyncCache<K, Finding> cache;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * @param unavailable makes an answer of a question and why there is none
   */
  BoundedLookup(Limits limits, Ask<K> ask, BiFunction<K, String, Finding> unavailable) {
    this.limits = limits;
    this.ask = ask;
    this.unavailable = unavailable;
    this.free = new Semaphore(limits.atOnce());
    this.cache =
        Caffeine.newBuilder()
            .maximumSize(limits.kept())
            .expireAfterWrite(limits.keptFor())
            .buildAsync();
  }

  Finding find(K question) {
    CompletableFuture<Finding> answer =
        cache.get(
            question, (k, any) -> CompletableFuture.supplyAsync(() -> askSeveralTimes(k), threads));
    try {
      Finding found = answer.get(limits.patience().toMillis(), TimeUnit.MILLISECONDS);
      if (found.result() == Finding.Result.UNAVAILABLE) {
        cache.asMap().remove(question, answer);
      }
      return found;
    } catch (TimeoutException e) {
      cache.asMap().remove(question, answer);
      return unavailable.apply(question, "no answer within " + limits.patience());
    } catch (ExecutionException e) {
      cache.asMap().remove(question, answer);
      LOGGER.atError().setCause(e.getCause()).log("looking up failed");
      return unavailable.apply(question, String.valueOf(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return unavailable.apply(question, "stopped");
    }
  }

  private Finding askSeveralTimes(K question) {
    String why = "";
    for (int i = 0; i < limits.tries(); i++) {
      try {
        if (i > 0) {
          TimeUnit.NANOSECONDS.sleep(limits.pause().toNanos());
        }
        if (!free.tryAcquire(limits.patience().toNanos(), TimeUnit.NANOSECONDS)) {
          return unavailable.apply(question, "too many are waiting for an answer");
        }
        try {
          return ask.of(question);
        } finally {
          free.release();
        }
      } catch (IOException e) {
        why = String.valueOf(e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return unavailable.apply(question, "stopped");
      }
    }
    return unavailable.apply(question, why);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
