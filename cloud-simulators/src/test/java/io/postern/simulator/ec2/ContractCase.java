package io.postern.simulator.ec2;

import java.net.URI;
import java.util.UUID;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.IpPermission;
import software.amazon.awssdk.services.ec2.model.IpRange;

/**
 * Plain calls of the AWS SDK against the simulator, or against the endpoint in {@code
 * POSTERN_CONTRACT_AWS_ENDPOINT}, so that the same expectations can be put to another EC2.
 */
@ExtendWith(KnownDeviations.class)
abstract class ContractCase {
  private static @Nullable Ec2Simulator simulator;
  static Ec2Client ec2 = unset();

  @SuppressWarnings("NullAway") // Set before every test class, and by nobody else.
  private static Ec2Client unset() {
    return null;
  }

  @BeforeAll
  static void connect() {
    String endpoint = System.getenv("POSTERN_CONTRACT_AWS_ENDPOINT");
    if (endpoint == null) {
      simulator = Ec2Simulator.start(Ec2Simulator.Options.defaults());
      endpoint = simulator.url();
    }
    AwsCredentialsProvider credentials =
        System.getenv("AWS_ACCESS_KEY_ID") == null
            ? StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIATEST", "secret"))
            : DefaultCredentialsProvider.builder().build();
    ec2 = client(endpoint, credentials);
  }

  static Ec2Client client(String endpoint, AwsCredentialsProvider credentials) {
    return Ec2Client.builder()
        .endpointOverride(URI.create(endpoint))
        .region(Region.EU_WEST_1)
        .credentialsProvider(credentials)
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .overrideConfiguration(o -> o.retryStrategy(AwsRetryStrategy.doNotRetry()))
        .build();
  }

  @AfterAll
  static void disconnect() {
    ec2.close();
    if (simulator != null) {
      simulator.close();
      simulator = null;
    }
  }

  static String newVpc() {
    return ec2.createVpc(r -> r.cidrBlock("10.9.0.0/16")).vpc().vpcId();
  }

  static String newSubnet(String vpc) {
    return ec2.createSubnet(r -> r.vpcId(vpc).cidrBlock("10.9.1.0/24")).subnet().subnetId();
  }

  static String newGroup(String vpc) {
    String name = "g-" + UUID.randomUUID();
    return ec2.createSecurityGroup(r -> r.groupName(name).description("test").vpcId(vpc)).groupId();
  }

  static IpPermission tcp(int from, int to, String cidr) {
    return IpPermission.builder()
        .ipProtocol("tcp")
        .fromPort(from)
        .toPort(to)
        .ipRanges(IpRange.builder().cidrIp(cidr).build())
        .build();
  }

  static void refused(int status, String code, ThrowingCallable call) {
    Assertions.assertThatThrownBy(call, "refused as %d %s", status, code)
        .isInstanceOfSatisfying(
            Ec2Exception.class,
            e -> {
              Assertions.assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code);
              Assertions.assertThat(e.statusCode()).isEqualTo(status);
              Assertions.assertThat(e.requestId()).isNotBlank();
            });
  }
}
