package io.postern.bench;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpPipeline;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.util.Context;
import io.postern.azure.cloud.ArmPipeline;
import java.net.URI;
import java.time.Clock;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.IpPermission;
import software.amazon.awssdk.services.ec2.model.IpRange;

/**
 * The calls that opening a port takes, by the clouds' SDKs, with nothing decided before and nothing
 * looked at after: one that writes and those that read it back. On groups that are nobody else's in
 * the small scene.
 */
final class CloudCalls implements Runnable, AutoCloseable {
  private static final String NSG =
      "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.Network/networkSecurityGroups/db-01-nsg";
  private static final String VERSION = "?api-version=2025-03-01";
  private static final String RULE =
      """
      {"properties":{"protocol":"Tcp","access":"Allow","direction":"Inbound","priority":200,
      "sourceAddressPrefix":"203.0.113.7","sourcePortRange":"*",
      "destinationAddressPrefix":"10.1.1.4","destinationPortRange":"22"}}""";
  private static final String GROUP = "sg-0abc1234def567803";
  private static final String INSTANCE = "i-0abc1234def567892";

  private final HttpPipeline arm = ArmPipeline.unauthenticated(Clock.systemUTC(), false);
  private final String armUrl;
  private final Ec2Client ec2;
  private volatile boolean azure;

  CloudCalls(String armUrl, String ec2Url) {
    this.armUrl = armUrl;
    this.ec2 =
        Ec2Client.builder()
            .region(Region.EU_WEST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("bench", "bench")))
            .httpClientBuilder(Apache5HttpClient.builder())
            .endpointOverride(URI.create(ec2Url))
            .build();
  }

  /** In which cloud the next calls are. */
  void in(boolean inAzure) {
    azure = inAzure;
  }

  @Override
  public void run() {
    if (azure) {
      arm(HttpMethod.PUT, NSG + "/securityRules/bench", RULE);
      arm(HttpMethod.GET, NSG, "");
    } else {
      ec2.authorizeSecurityGroupIngress(r -> r.groupId(GROUP).ipPermissions(permission()));
      ec2.describeNetworkInterfaces(
          r -> r.filters(Filter.builder().name("attachment.instance-id").values(INSTANCE).build()));
      ec2.describeSecurityGroupRules(
          r -> r.filters(Filter.builder().name("group-id").values(GROUP).build()));
    }
  }

  /** Takes back what {@link #run} wrote. */
  void undo() {
    if (azure) {
      arm(HttpMethod.DELETE, NSG + "/securityRules/bench", "");
    } else {
      ec2.revokeSecurityGroupIngress(r -> r.groupId(GROUP).ipPermissions(permission()));
    }
  }

  private static IpPermission permission() {
    return IpPermission.builder()
        .ipProtocol("tcp")
        .fromPort(22)
        .toPort(22)
        .ipRanges(IpRange.builder().cidrIp("203.0.113.7/32").build())
        .build();
  }

  private void arm(HttpMethod method, String id, String body) {
    HttpRequest request = new HttpRequest(method, armUrl + id + VERSION);
    if (!body.isEmpty()) {
      request.setHeader(HttpHeaderName.CONTENT_TYPE, "application/json").setBody(body);
    }
    try (HttpResponse answer = arm.sendSync(request, Context.NONE)) {
      if (answer.getStatusCode() >= 300) {
        throw new IllegalStateException(
            answer.getStatusCode() + ": " + answer.getBodyAsBinaryData());
      }
      answer.getBodyAsBinaryData().toBytes();
    }
  }

  @Override
  public void close() {
    ec2.close();
  }
}
