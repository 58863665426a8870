package io.postern.aws.cloud;

import io.postern.model.Scope;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import javax.xml.stream.XMLInputFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.ec2.Ec2Client;

/**
 * The SDK's clients, two for each scope: reads are repeated by the SDK, at a rate that adapts to
 * throttling; writes are not repeated by anybody but the reconcile loop, which reads first.
 */
public final class Ec2Clients implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration READ = Duration.ofSeconds(25);
  private static final int READ_ATTEMPTS = 3;

  /** Above the rule sets that are worked on at once, so that no close waits for a connection. */
  private static final int CONNECTIONS = 256;

  /** What a scope is worked on with. */
  record Pair(Ec2Client reads, Ec2Client writes) {}

  private final Optional<URI> endpoint;
  private final Function<Scope, AwsCredentialsProvider> credentials;
  private final SdkHttpClient http =
      Apache5HttpClient.builder()
          .connectionTimeout(CONNECT)
          .socketTimeout(ANSWER)
          .maxConnections(CONNECTIONS)
          .build();
  private final Map<Scope, Pair> clients = new ConcurrentHashMap<>();

  /**
   * @param endpoint where EC2 is, for every scope; empty for AWS's own
   */
  public Ec2Clients(Optional<URI> endpoint, Function<Scope, AwsCredentialsProvider> credentials) {
    this.endpoint = endpoint;
    this.credentials = credentials;
    nameParser();
  }

  /**
   * The SDK looks for a parser once in each thread, and each look at a rule set has a thread of its
   * own: without a name, all jars would be searched for one each time.
   */
  private static void nameParser() {
    System.getProperties()
        .putIfAbsent(
            "javax.xml.stream.XMLInputFactory",
            XMLInputFactory.newDefaultFactory().getClass().getName());
  }

  Pair of(Scope scope) {
    return clients.computeIfAbsent(
        scope,
        s ->
            new Pair(
                client(
                    s,
                    AwsRetryStrategy.forRetryMode(RetryMode.ADAPTIVE_V2).toBuilder()
                        .maxAttempts(READ_ATTEMPTS)
                        .build(),
                    READ),
                client(s, AwsRetryStrategy.doNotRetry(), ANSWER)));
  }

  private Ec2Client client(Scope scope, RetryStrategy retries, Duration patience) {
    var builder =
        Ec2Client.builder()
            .region(Region.of(scope.region()))
            .credentialsProvider(credentials.apply(scope))
            .httpClient(http)
            .overrideConfiguration(
                o ->
                    o.retryStrategy(retries)
                        .apiCallTimeout(patience)
                        .apiCallAttemptTimeout(ANSWER));
    endpoint.ifPresent(builder::endpointOverride);
    return builder.build();
  }

  @Override
  public void close() {
    clients
        .values()
        .forEach(
            p -> {
              p.reads().close();
              p.writes().close();
            });
    http.close();
  }
}
