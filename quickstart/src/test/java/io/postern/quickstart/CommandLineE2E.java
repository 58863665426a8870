package io.postern.quickstart;

import static io.postern.quickstart.SystemProcess.ARN;
import static io.postern.quickstart.SystemProcess.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.cli.Postern;
import io.postern.platform.Issuer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command line against the whole system: ask, agree, look, extend, close. */
class CommandLineE2E {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String PERSON = "203.0.113.7";

  /** There is a web-01 in AWS, too. */
  private static final String WEB = "virtualMachines/web-01";

  @TempDir static Path home;
  private static Quickstart system;
  private static Issuer issuer;

  /** What a command printed, and how it ended. */
  private record Ran(int exitCode, String out, String err) {
    JsonNode json() {
      return JSON.readTree(out);
    }
  }

  @BeforeAll
  static void start() throws Exception {
    issuer = Issuer.in(home);
    Ports ports = FreePorts.take();
    system = Quickstart.start(ports, Data.at(null), issuer, Console.standard(false));
    Path policy = home.resolve("web.yaml");
    Files.writeString(
        policy,
        """
        schemaVersion: 1
        name: web
        machines:
          - id: %s
        ports:
          - {port: 22, sources: ["*"], maxDuration: PT1H}
        requestors: {groups: [sre]}
        extension: {maxTotal: PT2H}
        existingRules: override
        """
            .formatted(VM));
    Path guarded = home.resolve("guarded.yaml");
    Files.writeString(
        guarded,
        """
        schemaVersion: 1
        name: guarded
        machines:
          - id: %s
        ports:
          - {port: 22, sources: ["*"], maxDuration: PT1H}
        requestors: {groups: [sre]}
        approval: {levels: [{anyOf: {groups: [leads]}, count: 1}], timeout: PT1H}
        """
            .formatted(ARN));
    assertThat(as("root", "admins", "policy", "put", policy.toString()).exitCode()).isZero();
    assertThat(as("root", "admins", "policy", "put", guarded.toString()).exitCode()).isZero();
    await()
        .atMost(SOON)
        .until(
            () ->
                SystemProcess.passes("192.0.2.66", system.clouds().arm(), system.clouds().ec2())
                    .equals(List.of(false, false)));
  }

  @AfterAll
  static void close() {
    system.close();
  }

  private static Ran as(String subject, String group, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Postern.run(
            Map.of(
                "POSTERN_URL", system.clouds().web(),
                "POSTERN_TOKEN", issuer.token(subject, List.of(group))),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            args);
    return new Ran(exitCode, out.toString(), err.toString());
  }

  private static boolean passes(int cloud) throws Exception {
    return SystemProcess.passes(PERSON, system.clouds().arm(), system.clouds().ec2()).get(cloud);
  }

  @Test
  void saysBeforehandWhatMayBeAskedFor() {
    Ran me = as("alice", "sre", "whoami");
    assertThat(me.out()).contains("alice", "sre", "127.0.0.1", "22/TCP", "approved by others");

    assertThat(as("alice", "sre", "can-i", WEB, "22").exitCode()).isZero();
    assertThat(as("alice", "sre", "can-i", WEB, "3389").exitCode()).isEqualTo(1);
    assertThat(as("mallory", "sales", "can-i", WEB, "22").exitCode()).isEqualTo(1);
    assertThat(as("alice", "sre", "can-i", WEB, "ssh").exitCode()).isEqualTo(2);
  }

  @Test
  void opensShowsExtendsAndCloses() throws Exception {
    Ran asked = as("alice", "sre", "request", WEB, "--source", PERSON, "--for", "10m", "--json");
    assertThat(asked.exitCode()).as(asked.err()).isZero();
    JsonNode grant = asked.json().path("grants").path(0);
    assertThat(passes(0)).isTrue();

    Ran listed = as("alice", "sre", "list", "--machine", WEB);
    assertThat(listed.out()).contains(grant.path("id").asString("?"), "OPEN", "alice", PERSON);

    String id = grant.path("id").asString("?");
    assertThat(as("alice", "sre", "extend", id, "20m").exitCode()).isZero();
    String before = grant.path("expiresAt").asString("?");
    await()
        .atMost(SOON)
        .until(() -> !as("alice", "sre", "list", "--machine", WEB).out().contains(before));

    Ran closed = as("alice", "sre", "close", id);
    assertThat(closed.exitCode()).as(closed.err()).isZero();
    assertThat(closed.out()).contains("CLOSED: USER_REQUESTED");
    assertThat(passes(0)).isFalse();
  }

  @Test
  void waitsUntilSomebodyAgrees() throws Exception {
    String request =
        as("alice", "sre", "request", ARN, "--source", PERSON, "--for", "10m", "--no-wait")
            .out()
            .strip();
    await()
        .atMost(SOON)
        .until(
            () ->
                as("bob", "leads", "requests", "--state", "PENDING_APPROVAL")
                    .out()
                    .contains(request));
    assertThat(as("alice", "sre", "approve", request).exitCode()).isEqualTo(5);
    assertThat(passes(1)).isFalse();

    Ran agreed = as("bob", "leads", "approve", request, "--reason", "agreed");
    assertThat(agreed.exitCode()).as(agreed.err()).isZero();
    assertThat(agreed.out()).contains("alice asks for 22/TCP", PERSON, "PT10M");
    await().atMost(SOON).until(() -> passes(1));

    assertThat(as("alice", "sre", "withdraw", request).exitCode()).isZero();
    Ran watched = as("alice", "sre", "watch", request);
    assertThat(watched.exitCode()).isZero();
    assertThat(watched.out()).contains("CLOSED (USER_REQUESTED)");
    assertThat(passes(1)).isFalse();
  }

  @Test
  void endsWithOneAndTheReasonWhenDenied() {
    Ran denied = as("mallory", "interns", "request", WEB, "--source", PERSON, "--for", "10m");
    assertThat(denied.exitCode()).isEqualTo(1);
    assertThat(denied.err()).contains("DENIED", "mallory");
  }

  @Test
  void endsWithTwoAndTheFieldWhenWhatIsAskedIsWrong() {
    Ran wrong = as("alice", "sre", "request", WEB, "--source", "300.1.1.1", "--for", "10m");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).contains("sources[0]", "300.1.1.1");
    assertThat(as("alice", "sre", "request", "no-such-machine").exitCode()).isEqualTo(2);
    Ran ambiguous = as("alice", "sre", "request", "web-01");
    assertThat(ambiguous.exitCode()).isEqualTo(2);
    assertThat(ambiguous.err()).contains(VM, ARN);
  }

  @Test
  void endsWithFiveWhenItMayNot() {
    Path policy = home.resolve("web.yaml");
    assertThat(as("alice", "sre", "policy", "put", policy.toString()).exitCode()).isEqualTo(5);
  }

  @Test
  void showsMachinesAndPolicies() {
    assertThat(as("alice", "sre", "machines").out()).contains("web-01", "guarded", VM);
    assertThat(as("alice", "sre", "policy", "list").out()).contains("guarded", "22/TCP");
    assertThat(as("alice", "sre", "policy", "get", "web").out())
        .contains("existingRules", "override");
  }

  @Test
  void plansWithoutPutting() throws Exception {
    Path file = home.resolve("planned.yaml");
    Files.writeString(
        file,
        """
        schemaVersion: 1
        name: planned
        machines:
          - id: %s
        ports:
          - {port: 3389, sources: ["*"], maxDuration: PT1H}
        requestors: {groups: [sre]}
        """
            .formatted(VM));
    Ran planned = as("root", "admins", "plan", file.toString());
    assertThat(planned.exitCode()).as(planned.err()).isZero();
    assertThat(planned.out()).contains(VM).containsPattern("\\n  \\S.*3389");

    Ran json = as("root", "admins", "plan", file.toString(), "--json");
    assertThat(json.json().path("complete").asBoolean(false)).isTrue();
    assertThat(json.json().path("machines").path(0).path("steps").isEmpty()).isFalse();
    assertThat(as("root", "admins", "policy", "get", "planned").exitCode()).isEqualTo(2);
    assertThat(as("alice", "sre", "plan", file.toString()).exitCode()).isEqualTo(5);
  }

  @Test
  void whatIsSuggestedIsTakenAsItIs() throws Exception {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(as("root", "admins", "machines").out()).contains("batch-01"));
    Ran suggested =
        as("root", "admins", "policy", "suggest", "batch-01", "--group", "sre", "--name", "found");
    assertThat(suggested.exitCode()).as(suggested.err()).isZero();
    assertThat(suggested.out()).contains("name: \"found\"", "port: 22", "sre");
    Path file = home.resolve("found.yaml");
    Files.writeString(file, suggested.out());
    Ran put = as("root", "admins", "policy", "put", file.toString());
    assertThat(put.exitCode()).as(put.err()).isZero();
    assertThat(as("root", "admins", "policy", "get", "found").exitCode()).isZero();
    assertThat(as("root", "admins", "policy", "delete", "found").exitCode()).isZero();
    assertThat(as("root", "admins", "policy", "suggest", "nothere", "--group", "sre").exitCode())
        .isEqualTo(2);
  }

  @Test
  void runsSshWithWhatIsOpen() throws Exception {
    Path shown = home.resolve("shown");
    Path program = home.resolve("fake-ssh");
    Files.writeString(program, "#!/bin/sh\necho \"$@\" > " + shown + "\nexit 7\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();

    Ran ran =
        as(
            "alice",
            "sre",
            "ssh",
            WEB,
            "--source",
            PERSON,
            "--for",
            "5m",
            "--user",
            "ops",
            "--program",
            program.toString(),
            "--",
            "uptime");

    assertThat(ran.exitCode()).as(ran.err()).isEqualTo(7);
    assertThat(Files.readString(shown)).matches("(?s)-p 22 ops@[0-9.]+ uptime\\s*");
  }

  private static Ran onTheLog(List<String> args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        io.postern.audit.cli.Main.run(
            Map.of(
                "POSTERN_BOOTSTRAP", system.platform().kafka().bootstrapServers(),
                "POSTERN_REGISTRY", system.platform().registryUrl(),
                "POSTERN_TRUST", system.platform().keys().trust().toString()),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            args.toArray(String[]::new));
    return new Ran(exitCode, out.toString(), err.toString());
  }

  @Test
  void theRecordIsVerifiedExportedAndTold() throws Exception {
    Ran asked = as("alice", "sre", "request", WEB, "--source", PERSON, "--for", "10m", "--json");
    assertThat(asked.exitCode()).as(asked.err()).isZero();
    String request = asked.json().path("id").asString("?");
    as("alice", "sre", "close", asked.json().path("grants").path(0).path("id").asString("?"));
    await()
        .atMost(SOON)
        .until(() -> !onTheLog(List.of("audit", "verify")).out().contains("not checked yet"));

    String copy = home.resolve("audit-copy").toString();
    List<List<String>> commands =
        List.of(
            List.of("audit", "verify"),
            List.of("audit", "export", copy),
            List.of("audit", "verify", "--from", copy),
            List.of("audit", "show", "--request", request),
            List.of("audit", "show", "--machine", "web-01", "--ocsf"),
            List.of("audit", "show", "--person", "alice", "--from", copy));
    StringBuilder shown = new StringBuilder();
    for (List<String> command : commands) {
      Ran ran = onTheLog(command);
      assertThat(ran.exitCode()).as("%s: %s", command, ran).isZero();
      shown.append(ran.out());
    }
    assertThat(shown.toString())
        .contains(
            "alice asked for 22/TCP on web-01 from 203.0.113.7/32",
            "policy web version 1 granted alice 22/TCP on web-01",
            "web-01 was opened for 203.0.113.7/32",
            "web-01 was closed: user requested",
            "\"class_uid\":3005")
        .doesNotContain("not to be believed");
    assertThat(onTheLog(List.of("dead-letters", "list")).exitCode()).isZero();
  }
}
