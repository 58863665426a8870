package io.postern.aws.cloud;

import io.postern.aws.domain.Limits;
import io.postern.aws.domain.Observed;
import io.postern.aws.domain.Step;
import io.postern.enforcement.Reconciler;
import io.postern.enforcement.cloud.CloudAdapter;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.DriftLimits;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.domain.RuleSetReport;
import io.postern.enforcement.exposure.Mode;
import io.postern.model.Cidr;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.RequestId;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import io.postern.simulator.ec2.Ec2Scene;
import io.postern.simulator.ec2.Ec2Simulator;
import io.postern.simulator.kernel.Fault;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.SecurityGroupRule;

/**
 * A simulated EC2, what must hold there, and the reconcile loop driven by hand: what an enforcer
 * does, without Kafka, clock or threads.
 */
final class Lab implements AutoCloseable {
  static final Scope SCOPE = Scope.aws("123456789012", "eu-west-1");
  static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
  static final String WEB = "i-0abc1234def567890";
  static final String DB = "i-0abc1234def567891";
  static final String BATCH_1 = "i-0abc1234def567892";
  static final String BATCH_2 = "i-0abc1234def567893";
  static final String WEB_GROUP = "sg-0abc1234def567801";
  static final String DB_GROUP = "sg-0abc1234def567802";
  static final String BATCH_GROUP = "sg-0abc1234def567803";
  private static final byte[] KEY = new byte[32];

  final Ec2Simulator simulator = Ec2Simulator.start(Ec2Simulator.Options.defaults());

  /** The owner's hand. */
  final Ec2Client owner;

  final Map<RuleSetId, RestorePoint> recorded = new HashMap<>();
  final Map<String, Lock> locks = new HashMap<>();
  final Map<String, List<Grant>> grants = new HashMap<>();
  final Marks marks = new Marks("lab", KEY);
  Instant now = NOW;
  Limits limits = Limits.DEFAULT;
  private Ec2Clients clients;
  CloudAdapter<Observed, Step> adapter;
  private Reconciler<Observed, Step> reconciler;

  /** What was taken for another's hand. */
  final List<Report.Drifted> drifts = new ArrayList<>();

  private final HttpClient http = HttpClient.newHttpClient();
  private final Duration freshPause;

  /** One whose reads show every write at once, unless a test says otherwise. */
  Lab() {
    this(Duration.ofMillis(10));
  }

  /**
   * @param freshPause between two reads, of which the first was older than a write
   */
  Lab(Duration freshPause) {
    this.freshPause = freshPause;
    Ec2Scene.small(simulator);
    owner =
        Ec2Client.builder()
            .endpointOverride(URI.create(simulator.url()))
            .region(Region.EU_WEST_1)
            .credentialsProvider(AwsCredentials.simulator())
            .httpClientBuilder(Apache5HttpClient.builder())
            .overrideConfiguration(o -> o.retryStrategy(AwsRetryStrategy.doNotRetry()))
            .build();
    clients = newClients();
    adapter = newAdapter(Mode.DEFENDER);
    reconciler = newReconciler();
  }

  Ec2Adapter newAdapter(Mode mode) {
    return new Ec2Adapter(clients, marks, limits, true, mode, new OwnWrites(freshPause));
  }

  private Reconciler<Observed, Step> newReconciler() {
    return new Reconciler<>(
        adapter,
        (scope, r, point) ->
            point.ifPresentOrElse(p -> recorded.put(r, p), () -> recorded.remove(r)),
        DriftLimits.DEFAULT);
  }

  Ec2Clients newClients() {
    return new Ec2Clients(
        Optional.of(URI.create(simulator.url())), s -> AwsCredentials.simulator());
  }

  /** Time goes by. */
  void pass(Duration time) {
    now = now.plus(time);
  }

  /** Another process takes over: nothing is left in memory. */
  void restart() {
    clients.close();
    clients = newClients();
    adapter = newAdapter(Mode.DEFENDER);
    reconciler = newReconciler();
  }

  /** Puts something between the loop and the adapter, until the next restart. */
  void wrap(UnaryOperator<CloudAdapter<Observed, Step>> around) {
    adapter = around.apply(adapter);
    reconciler = newReconciler();
  }

  @Override
  public void close() {
    clients.close();
    owner.close();
    simulator.close();
  }

  Ec2Sweeper sweeper(Instant at) {
    return new Ec2Sweeper(
        clients,
        java.util.Set.of(SCOPE),
        marks,
        java.time.Clock.fixed(at, java.time.ZoneOffset.UTC));
  }

  static RuleSetId ruleSet(String id) {
    return new RuleSetId(SCOPE + ":" + id);
  }

  static MachineId machine(String instance) {
    return new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/" + instance);
  }

  void lock(String instance, boolean shared, PortSpec... ports) {
    locks.put(
        instance,
        new Lock(
            List.of(new PolicyId("lab")), Arrays.stream(ports).sorted().toList(), false, shared));
  }

  static PortSpec tcp(int from, int to) {
    return new PortSpec(new PortRange(from, to), Protocol.TCP);
  }

  Grant grant(String instance, PortSpec port, String source, Duration length) {
    UUID request = UUID.randomUUID();
    return new Grant(
        io.postern.model.GrantId.of(new RequestId(request), machine(instance)),
        new RequestId(request),
        machine(instance),
        List.of(port),
        List.of(Cidr.parse(source)),
        now,
        now.plus(length),
        new PolicyId("lab"),
        Optional.empty(),
        false);
  }

  Grant open(String instance, int port, String source) {
    Grant grant = grant(instance, PortSpec.tcp(port), source, Duration.ofMinutes(15));
    add(grant);
    return grant;
  }

  void add(Grant grant) {
    grants.computeIfAbsent(grant.machine().localName(), i -> new ArrayList<>()).add(grant);
  }

  void end(Grant grant) {
    grants.values().forEach(all -> all.remove(grant));
  }

  List<MachineFacts> inventory() {
    try {
      return adapter.inventory(SCOPE);
    } catch (CloudException e) {
      throw new IllegalStateException(e);
    }
  }

  RuleSetIntent intent(RuleSetId ruleSet, List<MachineFacts> inventory) {
    List<MachineIntent> machines =
        inventory.stream().filter(m -> m.ruleSets().contains(ruleSet)).map(this::intent).toList();
    return new RuleSetIntent(
        ruleSet, SCOPE, machines, Optional.ofNullable(recorded.get(ruleSet)), now);
  }

  private MachineIntent intent(MachineFacts facts) {
    String instance = facts.id().localName();
    return new MachineIntent(
        facts,
        Optional.ofNullable(locks.get(instance)),
        grants.getOrDefault(instance, List.of()).stream()
            .filter(g -> g.isLive(now))
            .sorted(java.util.Comparator.comparing(Grant::id))
            .toList());
  }

  /** What came of one look at every rule set. */
  record Looks(Map<String, RuleSetReport> all) {
    RuleSetReport of(String id) {
      return Objects.requireNonNull(all.get(id));
    }
  }

  /** One look at every rule set, as the enforcer takes it. */
  Looks look() {
    List<MachineFacts> inventory = inventory();
    java.util.Set<RuleSetId> all = new java.util.TreeSet<>(recorded.keySet());
    inventory.forEach(m -> all.addAll(m.ruleSets()));
    Map<String, RuleSetReport> reports = new TreeMap<>();
    for (RuleSetId ruleSet : all) {
      reports.put(
          ruleSet.value().substring(ruleSet.value().lastIndexOf(':') + 1),
          look(intent(ruleSet, inventory)));
    }
    return new Looks(reports);
  }

  RuleSetReport look(String ruleSet) {
    return look(intent(ruleSet(ruleSet), inventory()));
  }

  RuleSetReport look(RuleSetIntent intent) {
    RuleSetReport report = reconciler.reconcile(intent);
    report.drift().ifPresent(drifts::add);
    return report;
  }

  /** What is to be known before a machine comes under just-in-time access. */
  List<String> foresee(String instance) {
    RuleSetIntent intent = intent(ruleSet(instance), inventory());
    try {
      return adapter.foresee(intent, adapter.observe(intent));
    } catch (CloudException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Looks until nothing is in the way any more. */
  Looks settle() {
    for (int i = 0; i < 30; i++) {
      Looks reports = look();
      if (reports.all().values().stream().allMatch(r -> r.trouble().isEmpty())) {
        return reports;
      }
    }
    throw new AssertionError("does not settle: " + look());
  }

  /** Everything about a group's rules but their ids. */
  List<String> rules(String group) {
    return owner
        .describeSecurityGroupRules(r -> r.filters(Ec2Reader.filter("group-id", group)))
        .securityGroupRules()
        .stream()
        .filter(r -> !r.isEgress())
        .map(Lab::shown)
        .sorted()
        .toList();
  }

  private static String shown(SecurityGroupRule r) {
    return r.ipProtocol()
        + " "
        + r.fromPort()
        + "-"
        + r.toPort()
        + " "
        + r.cidrIpv4()
        + r.cidrIpv6()
        + r.prefixListId()
        + (r.referencedGroupInfo() == null ? "" : r.referencedGroupInfo().groupId())
        + " '"
        + r.description()
        + "' "
        + new TreeMap<>(Ec2Rules.tags(r.tags()));
  }

  List<String> accessGroups() {
    return owner
        .describeSecurityGroups(r -> r.filters(Ec2Reader.filter("group-name", "postern-*")))
        .securityGroups()
        .stream()
        .map(g -> g.groupId())
        .toList();
  }

  boolean reaches(String source, String instance, int port) {
    return reaches(source, instance, port, "TCP");
  }

  boolean reaches(String source, String instance, int port, String protocol) {
    return post("reachable", body(source, instance, port, protocol)).contains("\"reachable\":true");
  }

  String connect(String source, String instance, int port) {
    String answer = post("connections", body(source, instance, port, "TCP"));
    return answer.replaceAll(".*\"id\":\"([^\"]+)\".*", "$1");
  }

  boolean isAlive(String connection) {
    return send(HttpRequest.newBuilder(api("connections/" + connection)).GET().build())
        .contains("\"alive\":true");
  }

  private static String body(String source, String instance, int port, String protocol) {
    return """
        {"source": "%s", "machine": "%s", "port": %d, "protocol": "%s"}"""
        .formatted(source, machine(instance), port, protocol);
  }

  String post(String path, String body) {
    return send(
        HttpRequest.newBuilder(api(path)).POST(HttpRequest.BodyPublishers.ofString(body)).build());
  }

  private URI api(String path) {
    return URI.create(simulator.url() + "/_simulator/" + path);
  }

  private String send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body().replace(" ", "");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  void fault(String action, int nth, int times, Fault.Kind kind, int status, String code) {
    simulator.server().faults().arm(new Fault(action, nth, times, kind, status, code, 0, 0));
  }

  /** The calls since the last time this was asked, in order. */
  List<String> calls() {
    List<String> names =
        simulator.server().journal().entries().stream().map(e -> e.action()).toList();
    simulator.server().journal().clear();
    return names;
  }
}
