package io.postern.azure.cloud;

import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpPipelineCallContext;
import com.azure.core.http.HttpPipelineNextPolicy;
import com.azure.core.http.HttpPipelineNextSyncPolicy;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.http.policy.HttpPipelinePolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Mono;

/**
 * Sends nothing more into a bucket of ARM's that is empty, until its {@code Retry-After} is over: a
 * request before that would be refused and prolong the wait. Buckets are a subscription's reads and
 * its writes.
 */
final class ThrottleGate implements HttpPipelinePolicy {
  private static final Duration WITHOUT_HEADER = Duration.ofSeconds(5);

  /** A request that was not sent because its bucket is empty. */
  static final class ClosedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Duration wait;

    ClosedException(Duration wait) {
      super("throttled by Azure, " + wait.toSeconds() + " s to wait");
      this.wait = wait;
    }

    Duration waiting() {
      return wait;
    }
  }

  private final Clock clock;
  private final Map<String, Instant> closedUntil = new ConcurrentHashMap<>();

  ThrottleGate(Clock clock) {
    this.clock = clock;
  }

  @Override
  public Mono<HttpResponse> process(HttpPipelineCallContext context, HttpPipelineNextPolicy next) {
    return Mono.defer(
        () -> {
          check(context.getHttpRequest());
          return next.process().map(r -> noted(context.getHttpRequest(), r));
        });
  }

  @Override
  public HttpResponse processSync(
      HttpPipelineCallContext context, HttpPipelineNextSyncPolicy next) {
    check(context.getHttpRequest());
    return noted(context.getHttpRequest(), next.processSync());
  }

  private void check(HttpRequest request) {
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
    String[] path = request.getUrl().getPath().split("/", -1);
    String subscription = path.length > 2 ? path[2].toLowerCase(Locale.ROOT) : "";
    return (request.getHttpMethod() == HttpMethod.GET ? "reads " : "writes ") + subscription;
  }
}
