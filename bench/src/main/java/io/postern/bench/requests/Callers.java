package io.postern.bench.requests;

import io.postern.bench.Spread;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many callers at once, each of whom calls again as soon as he is answered. */
final class Callers implements AutoCloseable {
  private final String url;
  private final List<String> tokens;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * @param tokens one for each caller
   */
  Callers(String url, List<String> tokens) {
    this.url = url;
    this.tokens = tokens;
  }

  /**
   * Calls that were answered.
   *
   * @param millis sorted
   */
  record Answered(double perSecond, double[] millis) {
    double percentile(int p) {
      return Spread.percentile(millis, p);
    }
  }

  /** All of them post for so long. */
  Answered post(String path, String body, int seconds)
      throws InterruptedException, ExecutionException {
    long begin = System.nanoTime();
    long end = begin + seconds * 1_000_000_000L;
    List<Future<List<Double>>> all = new ArrayList<>();
    for (String token : tokens) {
      all.add(threads.submit(() -> post(path, body, token, end)));
    }
    List<Double> millis = new ArrayList<>();
    for (Future<List<Double>> each : all) {
      millis.addAll(each.get());
    }
    double took = (System.nanoTime() - begin) / 1e9;
    return new Answered(
        millis.size() / took, millis.stream().mapToDouble(Double::doubleValue).sorted().toArray());
  }

  private List<Double> post(String path, String body, String token, long end)
      throws IOException, InterruptedException {
    List<Double> millis = new ArrayList<>();
    HttpRequest request =
        request(path, token)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    while (System.nanoTime() < end) {
      millis.add(call(request, 202));
    }
    return millis;
  }

  /** One caller asks for each of the paths, one after the other. */
  Answered get(String token, List<String> paths) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    double[] millis = new double[paths.size()];
    for (int i = 0; i < millis.length; i++) {
      millis[i] = call(request(paths.get(i), token).build(), 200);
    }
    double took = (System.nanoTime() - begin) / 1e9;
    Arrays.sort(millis);
    return new Answered(millis.length / took, millis);
  }

  private HttpRequest.Builder request(String path, String token) {
    return HttpRequest.newBuilder(URI.create(url + path))
        .header("Authorization", "Bearer " + token);
  }

  private double call(HttpRequest request, int expected) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != expected) {
      throw new IllegalStateException(request.uri() + ": " + answer.statusCode() + answer.body());
    }
    return (System.nanoTime() - begin) / 1e6;
  }

  @Override
  public void close() {
    threads.close();
    http.close();
  }
}
