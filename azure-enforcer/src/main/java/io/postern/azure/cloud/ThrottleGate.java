package io.postern.azure.cloud;

import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpPipelineCallContext;
import com.azure.core.http.HttpPipelineNextPolicy;
import com.azure.core.http.HttpPipelineNextSyncPolicy;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.http.policy.HttpPipelinePolicy;
import io.postern.azure.domain.AzureStep;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;

/**
 * Keeps below Azure's request limits, and sends nothing more into a bucket of ARM's that is empty,
 * until its {@code Retry-After} is over: a request before that would be refused and prolong the
 * wait. Buckets are a subscription's reads and its writes. Reads, lock-downs and what closes wait
 * here for their turn; what opens is sent back, so that it holds up nobody.
 */
final class ThrottleGate implements HttpPipelinePolicy {
  /** Under which a request carries its urgency; reads that may wait carry none. */
  static final String URGENCY = "postern-urgency";

  /** What a write may claim of the budget. */
  enum Urgency {
    /** Waits for its turn, and may use the reserve; also what is read for it. */
    CLOSES,
    /** Waits for its turn. */
    LOCKS_DOWN,
    /** Is sent back when it is not its turn. */
    OPENS;

    static Urgency of(List<? extends AzureStep> steps) {
      if (steps.stream().anyMatch(AzureStep::takesAway)) {
        return CLOSES;
      }
      return steps.stream().allMatch(AzureStep::opens) ? OPENS : LOCKS_DOWN;
    }
  }

  private static final Duration WITHOUT_HEADER = Duration.ofSeconds(5);
  private static final Duration LONGEST_TURN = Duration.ofSeconds(10);

  /** A request that was not sent because its bucket is empty. */
  static final class ClosedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Duration wait;

    ClosedException(Duration wait) {
      super("waiting for Azure's request limit");
      this.wait = wait;
    }

    Duration waiting() {
      return wait;
    }
  }

  private final Clock clock;
  private final boolean paced;
  private final Map<String, Instant> closedUntil = new ConcurrentHashMap<>();
  private final Map<String, Limits> limits = new ConcurrentHashMap<>();

  /**
   * @param paced whether Azure's documented limits are kept beforehand
   */
  ThrottleGate(Clock clock, boolean paced) {
    this.clock = clock;
    this.paced = paced;
  }

  @Override
  public Mono<HttpResponse> process(HttpPipelineCallContext context, HttpPipelineNextPolicy next) {
    return Mono.defer(
        () -> {
          check(context);
          return next.process().map(r -> noted(context.getHttpRequest(), r));
        });
  }

  @Override
  public HttpResponse processSync(
      HttpPipelineCallContext context, HttpPipelineNextSyncPolicy next) {
    check(context);
    return noted(context.getHttpRequest(), next.processSync());
  }

  private void check(HttpPipelineCallContext context) {
    HttpRequest request = context.getHttpRequest();
    checkClosed(request);
    if (!paced) {
      return;
    }
    Optional<Object> urgency = context.getData(URGENCY);
    boolean closes = urgency.equals(Optional.of(Urgency.CLOSES));
    boolean waits = !urgency.equals(Optional.of(Urgency.OPENS));
    HttpMethod method = request.getHttpMethod();
    Limits ours = limits.computeIfAbsent(subscription(request), b -> new Limits());
    Instant deadline = clock.instant().plus(LONGEST_TURN);
    Duration wait = ours.take(method, clock.instant(), closes);
    while (!wait.isZero()) {
      if (!waits || clock.instant().plus(wait).isAfter(deadline)) {
        throw new ClosedException(wait);
      }
      sleep(wait);
      checkClosed(request);
      wait = ours.take(method, clock.instant(), closes);
    }
  }

  /** Whether so much is written in a subscription that writes should be saved. */
  boolean isBusy(String subscription) {
    Limits of = limits.get(subscription.toLowerCase(Locale.ROOT));
    return of != null && of.isBusy(clock.instant());
  }

  /** Which share of a subscription's requests is left, of the kind that is scarcest; 0 to 1. */
  double left(String subscription) {
    Limits of = limits.get(subscription.toLowerCase(Locale.ROOT));
    return of == null ? 1 : of.left(clock.instant());
  }

  private static void sleep(Duration wait) {
    try {
      TimeUnit.NANOSECONDS.sleep(wait.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedException(wait);
    }
  }

  private void checkClosed(HttpRequest request) {
    Instant until = closedUntil.get(bucket(request));
    if (until != null) {
      Duration wait = Duration.between(clock.instant(), until);
      if (wait.isPositive()) {
        throw new ClosedException(wait);
      }
    }
  }

  private HttpResponse noted(HttpRequest request, HttpResponse response) {
    if (response.getStatusCode() != 429) {
      return response;
    }
    HttpResponse buffered = response.buffer();
    if (!ArmAnswer.of(buffered).isLock()) {
      Duration wait = ArmAnswer.of(buffered).retryAfter(clock).orElse(WITHOUT_HEADER);
      closedUntil.merge(
          bucket(request), clock.instant().plus(wait), (a, b) -> a.isAfter(b) ? a : b);
    }
    return buffered;
  }

  private static String bucket(HttpRequest request) {
    return (request.getHttpMethod() == HttpMethod.GET ? "reads " : "writes ")
        + subscription(request);
  }

  private static String subscription(HttpRequest request) {
    String[] path = request.getUrl().getPath().split("/", -1);
    return path.length > 2 ? path[2].toLowerCase(Locale.ROOT) : "";
  }
}
