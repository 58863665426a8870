package io.postern.azure.cloud;

import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpPipeline;
import com.azure.core.http.HttpPipelineBuilder;
import com.azure.core.http.HttpPipelineCallContext;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.http.policy.BearerTokenAuthenticationPolicy;
import com.azure.core.http.policy.HttpPipelinePolicy;
import com.azure.core.http.policy.HttpPipelineSyncPolicy;
import com.azure.core.http.policy.RequestIdPolicy;
import com.azure.core.http.policy.UserAgentPolicy;
import com.azure.core.management.AzureEnvironment;
import com.azure.identity.DefaultAzureCredentialBuilder;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The one way of all requests to ARM. Nothing is retried here: the reconcile loop reads, compares
 * and plans again, and knows what a {@code Retry-After} means for the rest of its work.
 */
public final class ArmPipeline {
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final String PRINCIPAL = "azure-enforcer";

  /** The JDK's client counts itself, and warns at every request that says a length. */
  private static final HttpPipelinePolicy WITHOUT_LENGTH =
      new HttpPipelineSyncPolicy() {
        @Override
        protected void beforeSendingRequest(HttpPipelineCallContext context) {
          context.getHttpRequest().getHeaders().remove(HttpHeaderName.CONTENT_LENGTH);
        }
      };

  private ArmPipeline() {}

  /** With whatever identity the host offers: workload or managed identity, environment, CLI. */
  public static HttpPipeline authenticated(URI endpoint, Clock clock, boolean paced) {
    TokenCredential credential = new DefaultAzureCredentialBuilder().build();
    String audience =
        environment(endpoint).map(AzureEnvironment::getManagementEndpoint).orElse("" + endpoint);
    String scope = audience.endsWith("/") ? audience + ".default" : audience + "/.default";
    return pipeline(new BearerTokenAuthenticationPolicy(credential, scope), clock, paced);
  }

  /** Without a credential: for a simulator on this machine, which believes a header. */
  public static HttpPipeline unauthenticated(Clock clock, boolean paced) {
    return pipeline(
        new HttpPipelineSyncPolicy() {
          @Override
          protected void beforeSendingRequest(HttpPipelineCallContext context) {
            context
                .getHttpRequest()
                .setHeader(HttpHeaderName.fromString("x-ms-simulator-principal"), PRINCIPAL);
          }
        },
        clock,
        paced);
  }

  static Optional<AzureEnvironment> environment(URI endpoint) {
    return AzureEnvironment.knownEnvironments().stream()
        .filter(
            e ->
                String.valueOf(URI.create(e.getResourceManagerEndpoint()).getHost())
                    .equalsIgnoreCase(endpoint.getHost()))
        .findFirst();
  }

  /** The pipeline's own gate, if it has one. */
  static Optional<ThrottleGate> gate(HttpPipeline pipeline) {
    for (int i = 0; i < pipeline.getPolicyCount(); i++) {
      if (pipeline.getPolicy(i) instanceof ThrottleGate gate) {
        return Optional.of(gate);
      }
    }
    return Optional.empty();
  }

  private static HttpPipeline pipeline(
      HttpPipelinePolicy authentication, Clock clock, boolean paced) {
    return new HttpPipelineBuilder()
        .httpClient(
            new JdkHttpClientBuilder()
                .connectionTimeout(Duration.ofSeconds(10))
                .responseTimeout(ANSWER)
                .readTimeout(ANSWER)
                .build())
        .policies(
            List.of(
                    new UserAgentPolicy("postern-azure-enforcer"),
                    new RequestIdPolicy(),
                    new ThrottleGate(clock, paced),
                    authentication,
                    WITHOUT_LENGTH)
                .toArray(new HttpPipelinePolicy[0]))
        .build();
  }
}
