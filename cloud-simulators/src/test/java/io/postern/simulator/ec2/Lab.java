package io.postern.simulator.ec2;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.ec2.Ec2Client;
import tools.jackson.databind.JsonNode;

/** A simulator, the SDK, and the simulator's own test API. */
final class Lab implements AutoCloseable {
  static final String WEB = "i-0abc1234def567890";
  static final String DB = "i-0abc1234def567891";
  static final String BATCH = "i-0abc1234def567892";
  static final String WEB_GROUP = "sg-0abc1234def567801";
  static final String DB_GROUP = "sg-0abc1234def567802";
  static final String BATCH_GROUP = "sg-0abc1234def567803";
  static final String SUBNET = "subnet-0abc1234def567800";

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  final Ec2Simulator simulator;
  final Ec2Client ec2;

  private Lab(Ec2Simulator simulator) {
    this.simulator = simulator;
    this.ec2 = as("AKIATEST");
  }

  static Lab start(Ec2Simulator.Options options) {
    Ec2Simulator simulator = Ec2Simulator.start(options);
    Ec2Scene.small(simulator);
    return new Lab(simulator);
  }

  static Lab start() {
    return start(Ec2Simulator.Options.defaults());
  }

  Ec2Client as(String accessKey) {
    return ContractCase.client(
        simulator.url(),
        StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, "secret")));
  }

  /** A call of the test API, with its status in the field {@code status} of an object. */
  record Answer(int status, String text) {
    JsonNode json() {
      return Storage.JSON.readTree(text);
    }
  }

  Answer post(String path, Map<String, ?> body) {
    return send(
        request("/_simulator/" + path)
            .POST(HttpRequest.BodyPublishers.ofString(Storage.JSON.writeValueAsString(body))));
  }

  Answer get(String path) {
    return send(request("/_simulator/" + path));
  }

  Answer delete(String path) {
    return send(request("/_simulator/" + path).DELETE());
  }

  /** A call of STS or IAM as a form. */
  Answer form(String form) {
    return send(
        request("/")
            .header(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIATEST/20261124/us-east-1/sts/aws4_request, Signature=x")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form)));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(simulator.url() + path));
  }

  private static Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response =
          HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static Map<String, Object> flow(String source, String instance, String protocol, int port) {
    return Map.of(
        "source", source,
        "machine", "arn:aws:ec2:eu-west-1:123456789012:instance/" + instance,
        "port", port,
        "protocol", protocol);
  }

  boolean reachable(String source, String instance, int port) {
    return post("reachable", flow(source, instance, "TCP", port))
        .json()
        .get("reachable")
        .asBoolean();
  }

  String connect(String source, String instance, int port) {
    Answer answer = post("connections", flow(source, instance, "TCP", port));
    if (answer.status() != 201) {
      throw new AssertionError(answer.text());
    }
    return answer.json().get("id").asString();
  }

  JsonNode connection(String id) {
    return get("connections/" + id).json();
  }

  boolean alive(String connection) {
    return connection(connection).get("alive").asBoolean();
  }

  /** Takes a rule of a group away, found by what it allows. */
  void revoke(String group, int from, int to, String cidr) {
    ec2.revokeSecurityGroupIngress(
        r -> r.groupId(group).ipPermissions(ContractCase.tcp(from, to, cidr)));
  }

  void allow(String group, int from, int to, String cidr) {
    ec2.authorizeSecurityGroupIngress(
        r -> r.groupId(group).ipPermissions(ContractCase.tcp(from, to, cidr)));
  }

  @Override
  public void close() {
    ec2.close();
    simulator.close();
  }
}
