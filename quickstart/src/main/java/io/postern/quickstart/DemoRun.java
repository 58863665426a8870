package io.postern.quickstart;

import io.postern.platform.Issuer;
import io.postern.quickstart.Steps.Proof;
import io.postern.simulator.arm.ArmScene;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The main job: one machine in each cloud through lock-down, refusal, request, opening, connection,
 * expiry and restore. What is reachable is the word of the simulators' packet models, not ours.
 */
final class DemoRun {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String GROUP =
      "/subscriptions/%s/resourceGroups/shop/providers/Microsoft.Network/networkSecurityGroups/web-01-nsg"
          .formatted(ArmScene.SUBSCRIPTION);
  private static final String VM =
      "/subscriptions/%s/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web-01"
          .formatted(ArmScene.SUBSCRIPTION);
  private static final String INSTANCE = "i-0abc1234def567890";
  private static final String ARN = "arn:aws:ec2:eu-west-1:123456789012:instance/" + INSTANCE;

  private static final String STRANGER = "192.0.2.66";
  private static final String REQUESTOR = "203.0.113.7";
  private static final String NEIGHBOUR = "203.0.113.8";
  private static final String POLICY = "/api/v1/policies/demo-web";
  private static final String GRANT_TIME = "PT6S";

  private final Quickstart.Clouds clouds;
  private final Console console;
  private final Steps steps;
  private final SimulatedMachine azure;
  private final SimulatedMachine aws;
  private final PosternClient admin;
  private final PosternClient alice;
  private final PosternClient mallory;

  DemoRun(Quickstart.Clouds clouds, Issuer issuer, Console console) {
    this.clouds = clouds;
    this.console = console;
    this.steps = new Steps(console);
    this.azure = new SimulatedMachine("azure", VM, new Api(clouds.arm()));
    this.aws = new SimulatedMachine("aws", ARN, new Api(clouds.ec2()));
    this.admin = new PosternClient(clouds.web(), issuer.token("root", List.of("admins")));
    this.alice = new PosternClient(clouds.web(), issuer.token("alice", List.of("sre")));
    this.mallory = new PosternClient(clouds.web(), issuer.token("mallory", List.of("interns")));
  }

  /** Whether every step held. */
  boolean run() throws IOException, InterruptedException {
    try {
      List<String> azureBefore = azureRules();
      List<String> awsBefore = awsRules();
      before();
      lockdown();
      refusals();
      String request = request();
      String azureConnection = connect(azure);
      String awsConnection = connect(aws);
      expiry(request, azureConnection, awsConnection);
      restore(azureBefore, awsBefore);
      console.say("\nAll steps held.");
      return true;
    } catch (StepFailed e) {
      console.say("\nFAILED: " + e.getMessage());
      return false;
    }
  }

  private List<String> azureRules() throws IOException, InterruptedException {
    return RuleSnapshots.azure(new Api(clouds.arm()), GROUP);
  }

  private List<String> awsRules() throws IOException, InterruptedException {
    return RuleSnapshots.aws(clouds.ec2(), INSTANCE);
  }

  private List<SimulatedMachine> machines() {
    return List.of(azure, aws);
  }

  private void before() throws IOException, InterruptedException, StepFailed {
    steps.heading("1. Before: port 22 is open to the world");
    for (SimulatedMachine m : machines()) {
      steps.now(m.cloud(), "a stranger reaches port 22", () -> packet(m, STRANGER, 22, true));
    }
  }

  private void lockdown() throws IOException, InterruptedException, StepFailed {
    steps.heading("2. Policy put: the port is locked down");
    steps.now("both", "policy demo-web is accepted", () -> put("priority", 201));
    steps.soon(
        "azure",
        "the customer's own rule still wins, and Postern names it",
        () -> bypassed("customer-allow-ssh"));
    steps.now(
        "azure", "so a stranger still reaches port 22", () -> packet(azure, STRANGER, 22, true));
    steps.soon("aws", "locked down", () -> locked(aws));
    steps.now("both", "policy demo-web with existingRules: override", () -> put("override", 200));
    steps.soon("azure", "locked down, nothing goes before it", () -> locked(azure));
    for (SimulatedMachine m : machines()) {
      steps.now(m.cloud(), "a stranger is refused", () -> packet(m, STRANGER, 22, false));
      steps.now(m.cloud(), "port 443 is untouched", () -> packet(m, STRANGER, 443, true));
    }
    for (int port : List.of(20, 21, 23, 30)) {
      steps.now("aws", "port " + port + " is untouched", () -> packet(aws, STRANGER, port, true));
    }
  }

  private void refusals() throws IOException, InterruptedException, StepFailed {
    steps.heading("3. Asked without permission, or outside the policy: denied, with the reason");
    String both = body(List.of(VM, ARN), 22, REQUESTOR, GRANT_TIME);
    steps.now("both", "a malformed source is refused at once", () -> malformed());
    denied(mallory, "mallory is in no group that may ask", both, "NOT_ENTITLED");
    denied(
        alice,
        "port 3389 is in no policy",
        body(List.of(VM, ARN), 3389, REQUESTOR, GRANT_TIME),
        "POLICY_UNSATISFIED");
    denied(
        alice,
        "an unknown machine",
        body(List.of(ARN.replace("def567890", "def567899")), 22, REQUESTOR, GRANT_TIME),
        "TARGET_NOT_FOUND");
    for (SimulatedMachine m : machines()) {
      steps.now(m.cloud(), "still closed", () -> packet(m, REQUESTOR, 22, false));
    }
  }

  private void denied(PosternClient who, String what, String body, String code)
      throws IOException, InterruptedException, StepFailed {
    String location = submit(who, body);
    steps.soon(
        "both",
        what,
        () -> {
          JsonNode request = who.get(location).body();
          JsonNode reason = request.path("reasons").path(0);
          return new Proof(
              request.path("state").asString("").equals("DENIED")
                  && reason.path("code").asString("").equals(code),
              request.path("state").asString("") + ": " + reason.path("message").asString("-"));
        });
  }

  private String request() throws IOException, InterruptedException, StepFailed {
    steps.heading("4. Asked properly: granted, then opened, for that address only");
    String location = submit(alice, body(List.of(VM, ARN), 22, REQUESTOR, GRANT_TIME));
    for (SimulatedMachine m : machines()) {
      steps.soon(
          m.cloud(),
          "opened",
          () -> {
            JsonNode grant = alice.grant(location, m.id());
            return new Proof(
                grant.path("state").asString("").equals("OPEN"),
                grant.path("state").asString("waiting")
                    + " until "
                    + grant.path("expiresAt").asString("-")
                    + ", connect to "
                    + grant.path("connect"));
          });
      steps.now(m.cloud(), "alice reaches it", () -> packet(m, REQUESTOR, 22, true));
      steps.now(m.cloud(), "her neighbour does not", () -> packet(m, NEIGHBOUR, 22, false));
    }
    return location;
  }

  private String connect(SimulatedMachine m) throws IOException, InterruptedException, StepFailed {
    if (m == azure) {
      steps.heading("5. A connection is made through it");
    }
    String connection = m.connect(REQUESTOR, 22);
    steps.now(
        m.cloud(),
        "connected",
        () ->
            new Proof(
                !connection.isEmpty() && m.isAlive(connection),
                "connection " + connection + " is alive"));
    return connection;
  }

  private void expiry(String request, String azureConnection, String awsConnection)
      throws IOException, InterruptedException, StepFailed {
    steps.heading("6. The grant ends: closed, and the connection goes on");
    for (SimulatedMachine m : machines()) {
      steps.soon(
          m.cloud(),
          "closed",
          () -> {
            JsonNode grant = alice.grant(request, m.id());
            return new Proof(
                grant.path("state").asString("").equals("CLOSED"),
                "%s (%s), due %s, closed %s"
                    .formatted(
                        grant.path("state").asString("?"),
                        grant.path("reason").asString("-"),
                        grant.path("expiresAt").asString("-"),
                        grant.path("closedAt").asString("-")));
          });
      steps.now(m.cloud(), "alice makes no new connection", () -> packet(m, REQUESTOR, 22, false));
      String connection = m == azure ? azureConnection : awsConnection;
      steps.now(
          m.cloud(),
          "her old one is still there",
          () -> new Proof(m.isAlive(connection), "connection " + connection + " is alive"));
    }
  }

  private void restore(List<String> azureBefore, List<String> awsBefore)
      throws IOException, InterruptedException, StepFailed {
    steps.heading("7. Policy removed: everything is as it was");
    steps.now(
        "both",
        "policy demo-web is removed",
        () -> {
          int status = admin.call("DELETE", POLICY, "", Map.of()).status();
          return new Proof(status == 204, "HTTP " + status);
        });
    steps.soon("azure", "the rules equal those of step 1", () -> same(azureBefore, azureRules()));
    steps.soon("aws", "the rules equal those of step 1", () -> same(awsBefore, awsRules()));
    steps.soon(
        "aws",
        "no group of ours is left",
        () -> {
          List<String> left = RuleSnapshots.awsGroups(clouds.ec2(), "postern-*");
          return new Proof(left.isEmpty(), "groups named postern-*: " + left);
        });
    for (SimulatedMachine m : machines()) {
      steps.now(m.cloud(), "a stranger reaches port 22 again", () -> packet(m, STRANGER, 22, true));
    }
  }

  private static Proof same(List<String> before, List<String> after) {
    return new Proof(
        before.equals(after),
        before.equals(after)
            ? before.size() + " rules, field by field the same"
            : "before " + before + ", after " + after);
  }

  private static Proof packet(SimulatedMachine m, String source, int port, boolean wanted)
      throws IOException, InterruptedException {
    SimulatedMachine.Verdict v = m.packet(source, port);
    return new Proof(
        v.reachable() == wanted,
        "%s -> %d: %s, decided by %s"
            .formatted(source, port, v.reachable() ? "passes" : "refused", v.decidedBy()));
  }

  private Proof put(String existingRules, int wanted) throws IOException, InterruptedException {
    String policy =
        JSON.writeValueAsString(
            Map.of(
                "schemaVersion",
                1,
                "name",
                "demo-web",
                "machines",
                List.of(Map.of("id", VM), Map.of("id", ARN)),
                "ports",
                List.of(
                    Map.of(
                        "port",
                        22,
                        "protocol",
                        "TCP",
                        "sources",
                        List.of("*"),
                        "maxDuration",
                        "PT1H")),
                "requestors",
                Map.of("groups", List.of("sre")),
                "existingRules",
                existingRules));
    Api.Answer answer = admin.call("PUT", POLICY, policy, Map.of());
    return new Proof(
        answer.status() == wanted,
        "HTTP " + answer.status() + ", ETag " + answer.headers().get("etag"));
  }

  private Proof bypassed(String rule) throws IOException, InterruptedException {
    JsonNode bypasses = admin.machine(VM).path("lockdown").path("bypassedBy");
    String text = bypasses.path(0).asString("no lock-down yet");
    return new Proof(text.contains(rule), text);
  }

  private Proof locked(SimulatedMachine m) throws IOException, InterruptedException {
    JsonNode lockdown = admin.machine(m.id()).path("lockdown");
    boolean holds =
        lockdown.path("policies").size() > 0
            && lockdown.path("bypassedBy").isEmpty()
            && lockdown.path("problem").isNull();
    return new Proof(
        holds,
        lockdown.isObject()
            ? "ports "
                + lockdown.path("ports")
                + ", bypassed by "
                + lockdown.path("bypassedBy")
                + (lockdown.path("problem").isNull() ? "" : ", " + lockdown.path("problem"))
            : "no lock-down yet");
  }

  private Proof malformed() throws IOException, InterruptedException {
    Api.Answer answer =
        alice.call(
            "POST",
            "/api/v1/requests",
            body(List.of(VM), 22, "203.0.113.300/33", GRANT_TIME),
            Map.of());
    JsonNode error = answer.body().path("errors").path(0);
    return new Proof(
        answer.status() == 400 && error.path("field").asString("").equals("sources[0]"),
        "HTTP %d: %s %s, given %s"
            .formatted(
                answer.status(),
                error.path("field").asString("-"),
                error.path("rule").asString("-"),
                error.path("given").asString("-")));
  }

  private static String body(List<String> machines, int port, String source, String duration) {
    return JSON.writeValueAsString(
        Map.of(
            "machines",
            machines,
            "ports",
            List.of(Map.of("port", port, "protocol", "TCP")),
            "sources",
            List.of(source),
            "duration",
            duration,
            "justification",
            "demo"));
  }

  private static String submit(PosternClient who, String body)
      throws IOException, InterruptedException {
    Api.Answer answer = who.call("POST", "/api/v1/requests", body, Map.of());
    if (answer.status() != 202) {
      throw new IOException(
          "HTTP " + answer.status() + " from POST /api/v1/requests: " + answer.body());
    }
    return answer.headers().getOrDefault("location", "");
  }
}
