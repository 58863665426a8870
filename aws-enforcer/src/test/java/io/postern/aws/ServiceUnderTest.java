package io.postern.aws;

import io.postern.aws.config.AwsEnforcerConfiguration;
import io.postern.event.JitPolicy;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.log.Convert;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.platform.Platform;
import io.postern.simulator.ec2.Ec2Simulator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The service as it is configured and started, and what it is told about one machine. */
final class ServiceUnderTest {
  static final MachineId WEB =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");

  private ServiceUnderTest() {}

  static ConfigurableApplicationContext start(Platform platform, Ec2Simulator ec2) {
    return new SpringApplicationBuilder(AwsEnforcerConfiguration.class)
        .web(WebApplicationType.NONE)
        .properties("spring.config.name=aws-enforcer")
        .run(
            "--postern.log.bootstrap-servers=" + platform.kafka().bootstrapServers(),
            "--postern.log.registry-url=" + platform.registryUrl(),
            "--postern.log.signing-key=" + platform.keys().signingKey(Topics.AWS_ENFORCER),
            "--postern.log.trust=" + platform.keys().trust(),
            "--postern.log.partitions=" + platform.partitions(),
            "--postern.marks.key=" + platform.keys().markKey(),
            "--postern.aws.endpoint=" + ec2.url(),
            "--postern.aws.scopes=123456789012:eu-west-1");
  }

  /** Port 22 of {@link #WEB}. */
  static JitPolicy policy(PolicyId id) {
    Policy policy =
        new Policy(
            id,
            1,
            List.of(new MachineSelector.ById(WEB)),
            List.of(new PortRule(PortSpec.tcp(22), List.of(), Duration.ofHours(3))),
            Set.of("sre"),
            Set.of(),
            false,
            Optional.empty(),
            Policy.ExistingRules.PRIORITY,
            Policy.SharedGroups.REFUSE,
            32,
            128);
    return new JitPolicy(
        id.value(), 1L, Convert.toEvent(policy), UUID.randomUUID().toString(), "test", now());
  }

  /** Port 22 of {@link #WEB} for a source, from now on. */
  static Lease lease(PolicyId policy, String source, Duration length) {
    RequestId request = new RequestId(UUID.randomUUID());
    Instant now = now();
    return Lease.newBuilder()
        .setGrantId(GrantId.of(request, WEB).toString())
        .setRequestId(request.toString())
        .setMachineId(WEB.value())
        .setScope(WEB.scope().value())
        .setRequestor("ada")
        .setRequestorIssuer("https://issuer")
        .setPorts(Convert.fromPorts(List.of(PortSpec.tcp(22))))
        .setSources(List.of(source))
        .setStartsAt(now)
        .setExpiresAt(now.plus(length))
        .setPolicyId(policy.value())
        .setPolicyVersion(1)
        .setState(LeaseState.ACTIVE)
        .build();
  }

  static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  /** Whether a packet to {@link #WEB} passes. */
  static boolean reaches(Ec2Simulator ec2, String source, int port) {
    String body =
        """
        {"source": "%s", "machine": "%s", "port": %d, "protocol": "TCP"}"""
            .formatted(source, WEB, port);
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(ec2.url() + "/_simulator/reachable"))
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body()
          .replace(" ", "")
          .contains("\"reachable\":true");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
