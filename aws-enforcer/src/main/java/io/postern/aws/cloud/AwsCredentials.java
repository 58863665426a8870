package io.postern.aws.cloud;

import io.postern.model.Scope;
import java.net.URI;
import java.util.Optional;
import java.util.function.Function;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;

/** Who we are to AWS. */
public final class AwsCredentials {
  private static final String ACCOUNT = "{account}";

  private AwsCredentials() {}

  /** A pair that a simulator takes and AWS does not. */
  public static AwsCredentialsProvider simulator() {
    return StaticCredentialsProvider.create(AwsBasicCredentials.create("simulator", "simulator"));
  }

  /** Environment, profile, container or instance role. */
  public static AwsCredentialsProvider defaultChain() {
    return DefaultCredentialsProvider.builder().build();
  }

  /**
   * In each account the role that is meant for us there.
   *
   * @param roleArnPattern the role, with <code>{account}</code> for the account
   * @param endpoint where STS is; empty for AWS's own
   */
  public static Function<Scope, AwsCredentialsProvider> assuming(
      AwsCredentialsProvider own,
      String roleArnPattern,
      Optional<String> externalId,
      Optional<URI> endpoint) {
    return scope -> {
      var sts =
          StsClient.builder()
              .region(Region.of(scope.region()))
              .credentialsProvider(own)
              .httpClientBuilder(Apache5HttpClient.builder());
      endpoint.ifPresent(sts::endpointOverride);
      return StsAssumeRoleCredentialsProvider.builder()
          .stsClient(sts.build())
          .refreshRequest(
              r -> {
                r.roleArn(roleArnPattern.replace(ACCOUNT, scope.account()))
                    .roleSessionName("postern");
                externalId.ifPresent(r::externalId);
              })
          .build();
    };
  }
}
