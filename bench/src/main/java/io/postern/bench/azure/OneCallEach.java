package io.postern.bench.azure;

import io.postern.enforcement.domain.Grant;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The peer: one rule call for each grant, one writer for each group, each call waited for and
 * repeated after what {@code Retry-After} says. It reads nothing before and nothing after.
 */
final class OneCallEach {
  private final String url;

  OneCallEach(String url) {
    this.url = url;
  }

  /**
   * Opens the grants, dealt out to the groups in turn; seconds until all rules are in force.
   *
   * @param latency how long an operation takes: the peer knows it and need not poll
   */
  double open(List<Grant> grants, int groups, Duration latency) {
    return all(grants, groups, latency, "PUT");
  }

  /** Likewise takes the rules away again. */
  double close(List<Grant> grants, int groups, Duration latency) {
    return all(grants, groups, latency, "DELETE");
  }

  private double all(List<Grant> grants, int groups, Duration latency, String method) {
    long start = System.nanoTime();
    try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running =
          java.util.stream.IntStream.range(0, groups)
              .<Future<?>>mapToObj(
                  g ->
                      writers.submit(
                          () -> {
                            for (int i = g; i < grants.size(); i += groups) {
                              one(method, g, i / groups, latency);
                            }
                          }))
              .toList();
      for (Future<?> f : running) {
        f.get();
      }
    } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private void one(String method, int group, int number, Duration latency) {
    String rule =
        url + Scenery.nsg(group) + "/securityRules/peer-" + number + "?api-version=2025-03-01";
    String body =
        method.equals("DELETE")
            ? ""
            : """
              {"properties":{"protocol":"Tcp","access":"Allow","direction":"Inbound","priority":%d,
              "sourceAddressPrefix":"203.0.113.%d","sourcePortRange":"*",
              "destinationAddressPrefix":"10.1.0.4","destinationPortRange":"22"}}"""
                .formatted(200 + number, 1 + number % 250);
    while (true) {
      HttpResponse<String> answer = Http.send(method, rule, body);
      if (answer.statusCode() < 300) {
        Fleet.pause(latency);
        return;
      }
      if (answer.statusCode() != 429) {
        throw new IllegalStateException(answer.body());
      }
      long seconds = answer.headers().firstValueAsLong("Retry-After").orElse(0);
      Fleet.pause(Duration.ofSeconds(seconds).plusMillis(50));
    }
  }
}
