package io.postern.azure.cloud;

import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.Outcome;
import io.postern.model.Scope;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what is overdue even when everything else of Postern is dead: it knows neither log nor
 * enforcer, only the marks in the cloud. Run it elsewhere than the enforcer, under an identity of
 * its own.
 */
public final class Sweeper implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Sweeper.class);

  /** The enforcer goes first; with it alive there is nothing to sweep. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

  private final AzureAdapter azure;
  private final Set<Scope> scopes;
  private final Duration interval;
  private final Clock clock;
  private final Map<Scope, Instant> notBefore = new HashMap<>();
  private final Thread thread = new Thread(this::run, "azure-sweeper");
  private volatile boolean closed;

  public Sweeper(AzureAdapter azure, Set<Scope> scopes, Duration interval, Clock clock) {
    this.azure = azure;
    this.scopes = Set.copyOf(scopes);
    this.interval = interval;
    this.clock = clock;
  }

  /** Sweeps every scope again and again. */
  public Sweeper start() {
    thread.start();
    return this;
  }

  private void run() {
    while (!closed) {
      try {
        scopes.forEach(this::sweepQuietly);
        TimeUnit.NANOSECONDS.sleep(interval.toNanos());
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void sweepQuietly(Scope scope) {
    Instant now = clock.instant();
    if (now.isBefore(notBefore.getOrDefault(scope, Instant.MIN))) {
      return;
    }
    try {
      sweep(scope);
    } catch (CloudException e) {
      notBefore.put(scope, now.plus(e.retryAfter().orElse(AFTER_FAILURE)));
      LOGGER
          .atWarn()
          .addKeyValue("scope", scope)
          .addKeyValue("why", e.getMessage())
          .log("sweeping failed");
    } catch (RuntimeException e) {
      LOGGER.atError().addKeyValue("scope", scope).setCause(e).log("sweeping failed");
    }
  }

  /**
   * One look at a scope; what could not be deleted is left for the next.
   *
   * @return how many rules were deleted
   */
  public int sweep(Scope scope) throws CloudException {
    int deleted = 0;
    for (AzureAdapter.Overdue overdue : azure.overdue(scope, clock.instant().minus(GRACE))) {
      Outcome outcome = azure.apply(overdue.ruleSet(), overdue.observation(), overdue.steps());
      if (outcome instanceof Outcome.Applied) {
        deleted += overdue.steps().size();
      }
      LOGGER
          .atWarn()
          .addKeyValue("ruleSet", overdue.ruleSet())
          .addKeyValue("rules", overdue.steps().size())
          .addKeyValue("outcome", outcome)
          .log("overdue rules swept");
    }
    return deleted;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
