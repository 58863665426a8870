package io.postern.bench.aws;

import io.postern.aws.cloud.AwsCredentials;
import io.postern.aws.cloud.Ec2Adapter;
import io.postern.aws.cloud.Ec2Clients;
import io.postern.aws.domain.Limits;
import io.postern.aws.domain.Observed;
import io.postern.aws.domain.Step;
import io.postern.bench.Ledger;
import io.postern.enforcement.ScopeWorker;
import io.postern.enforcement.WorkerSettings;
import io.postern.enforcement.domain.Bounds;
import io.postern.enforcement.domain.DriftLimits;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Marks;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.model.Scope;
import io.postern.simulator.ec2.Ec2Simulator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;

/**
 * Machines in a simulated EC2 and a worker on them. The policy's port is open in none of their
 * groups, so that a lock-down has nothing to write.
 */
final class Fleet implements AutoCloseable {
  static final Scope SCOPE = Scope.aws("123456789012", "eu-west-1");
  private static final PolicyId POLICY = new PolicyId("bench");
  private static final Duration PATIENCE = Duration.ofMinutes(20);

  final Ec2Simulator simulator = Ec2Simulator.start(Ec2Simulator.Options.defaults());
  final Ec2Client owner;
  final List<MachineId> machines = new ArrayList<>();
  final Ledger ledger = new Ledger(policy());
  final String vpc;
  private final Ec2Clients clients;
  private final ScopeWorker<Observed, Step> worker;
  private final HttpClient http = HttpClient.newHttpClient();

  /**
   * @param paced whether the enforcer keeps below the documented buckets
   */
  Fleet(int groups, int machinesOfGroup, boolean paced, Duration resync) {
    URI endpoint = URI.create(simulator.url());
    owner =
        Ec2Client.builder()
            .endpointOverride(endpoint)
            .region(Region.EU_WEST_1)
            .credentialsProvider(AwsCredentials.simulator())
            .build();
    vpc = owner.createVpc(r -> r.cidrBlock("10.0.0.0/16")).vpc().vpcId();
    String subnet =
        owner.createSubnet(r -> r.vpcId(vpc).cidrBlock("10.0.0.0/16")).subnet().subnetId();
    String image = owner.describeImages().images().getFirst().imageId();
    for (int g = 0; g < groups; g++) {
      String name = "owners-" + g;
      String group =
          owner.createSecurityGroup(r -> r.groupName(name).description(name).vpcId(vpc)).groupId();
      owner.authorizeSecurityGroupIngress(
          r -> r.groupId(group).ipProtocol("tcp").fromPort(443).toPort(443).cidrIp("0.0.0.0/0"));
      owner
          .runInstances(
              r ->
                  r.imageId(image)
                      .minCount(machinesOfGroup)
                      .maxCount(machinesOfGroup)
                      .subnetId(subnet)
                      .securityGroupIds(group))
          .instances()
          .forEach(
              i ->
                  machines.add(
                      new MachineId(
                          "arn:aws:ec2:eu-west-1:123456789012:instance/" + i.instanceId())));
    }
    clients = new Ec2Clients(Optional.of(endpoint), s -> AwsCredentials.simulator());
    worker =
        new ScopeWorker<>(
                SCOPE,
                new Ec2Adapter(clients, new Marks("bench", new byte[32]), Limits.DEFAULT, paced),
                ledger,
                ledger::record,
                ledger,
                Clock.systemUTC(),
                new WorkerSettings(resync, 16, Bounds.DEFAULT, DriftLimits.DEFAULT))
            .start();
  }

  private static Policy policy() {
    return new Policy(
        POLICY,
        1,
        List.of(
            new MachineSelector.Aws(
                Optional.of("123456789012"), Optional.empty(), Map.of(), Optional.empty())),
        List.of(new PortRule(PortSpec.tcp(22), List.of(), Duration.ofHours(3))),
        Set.of("sre"),
        Set.of(),
        false,
        Optional.empty(),
        Policy.ExistingRules.PRIORITY,
        Policy.SharedGroups.LOCK,
        32,
        128);
  }

  /** Waits until every machine was looked at and found closed. */
  void awaitLocked() {
    await(() -> ledger.locked.size() == machines.size());
  }

  /** From now on EC2 refuses what is more than its documented buckets hold; they are full. */
  void throttle() {
    post("settings", "{\"throttling\": true}");
  }

  void lookAgain(MachineId machine) {
    worker.lookAgain(machine);
  }

  void lookAtEverything() {
    worker.lookAtEverything();
  }

  static Grant grant(MachineId machine, int number) {
    RequestId request = new RequestId(UUID.randomUUID());
    Instant now = Instant.now();
    return new Grant(
        GrantId.of(request, machine),
        request,
        machine,
        List.of(PortSpec.tcp(22)),
        List.of(Cidr.parse("203.0.%d.%d".formatted(113 + number / 250, 1 + number % 250))),
        now,
        now.plus(Duration.ofHours(1)),
        POLICY,
        Optional.empty(),
        false);
  }

  /** Gives the grants all at once; how long it takes until all are open, in seconds. */
  double open(List<Grant> grants) {
    long start = System.nanoTime();
    grants.forEach(ledger::put);
    grants.stream().map(Grant::machine).distinct().forEach(this::lookAgain);
    await(() -> ledger.opened.size() + ledger.failures.size() >= grants.size());
    return (System.nanoTime() - start) / 1e9;
  }

  /** Ends the grants all at once; how long it takes until all are closed, in seconds. */
  double end(List<Grant> grants) {
    long start = System.nanoTime();
    grants.forEach(g -> ledger.put(g.ended(Grant.End.USER_REQUESTED)));
    grants.stream().map(Grant::machine).distinct().forEach(this::lookAgain);
    await(() -> ledger.closed.size() >= grants.size());
    return (System.nanoTime() - start) / 1e9;
  }

  static void await(BooleanSupplier done) {
    long give = System.nanoTime() + PATIENCE.toNanos();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() > give) {
        throw new IllegalStateException("does not come to an end");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  /** Calls of this kind since the journal was cleared. */
  long calls(String prefix) {
    return simulator.server().journal().entries().stream()
        .filter(e -> e.action().startsWith(prefix))
        .count();
  }

  /** Writes since the journal was cleared. */
  long writes() {
    return simulator.server().journal().entries().stream()
        .filter(e -> !e.action().startsWith("Describe") && !e.action().startsWith("POST"))
        .count();
  }

  /** Answers that said: too many requests. */
  long throttled() {
    return simulator.server().journal().entries().stream()
        .filter(e -> e.response().status() == 503)
        .count();
  }

  void clearJournal() {
    simulator.server().journal().clear();
  }

  void post(String path, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(simulator.url() + "/_simulator/" + path))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      http.send(request, HttpResponse.BodyHandlers.discarding());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    worker.close();
    clients.close();
    owner.close();
    simulator.close();
  }
}
