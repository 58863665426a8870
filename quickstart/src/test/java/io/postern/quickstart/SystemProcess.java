package io.postern.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.platform.EmbeddedBroker;
import io.postern.platform.Issuer;
import io.postern.simulator.arm.ArmScene;
import io.postern.simulator.arm.ArmSimulator;
import io.postern.simulator.ec2.Ec2Scene;
import io.postern.simulator.ec2.Ec2Simulator;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The whole system as a process of its own, that can be killed without warning. */
final class SystemProcess {
  static final String VM =
      "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web-01";
  static final String ARN = "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890";
  private static final String NSG =
      "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.Network/networkSecurityGroups/web-01-nsg";
  private static final Duration START = Duration.ofSeconds(120);

  private final Path home;
  private final Map<String, String> environment =
      new HashMap<>(
          Map.of(
              "POSTERN_WEB_PORT", "" + EmbeddedBroker.freePort(),
              "POSTERN_ARM_PORT", "" + EmbeddedBroker.freePort(),
              "POSTERN_EC2_PORT", "" + EmbeddedBroker.freePort(),
              "POSTERN_KAFKA_PORT", "" + EmbeddedBroker.freePort(),
              "POSTERN_REGISTRY_PORT", "" + EmbeddedBroker.freePort()));
  private @Nullable Process process;

  SystemProcess(Path home) {
    this.home = home;
  }

  /** Adds to a failure what the system has printed last. */
  AssertionError explained(Throwable failure) throws IOException {
    return new AssertionError(failure.getMessage() + "\n" + printed(), failure);
  }

  private String printed() throws IOException {
    StringBuilder last = new StringBuilder();
    for (Path file : List.of(home.resolve("demo.log"), home.resolve("up.log"))) {
      if (Files.exists(file)) {
        List<String> lines = Files.readAllLines(file);
        last.append(file.getFileName()).append(":\n");
        lines.stream()
            .skip(Math.max(0, lines.size() - 60))
            .forEach(l -> last.append(l).append('\n'));
      }
    }
    return last.toString();
  }

  void set(String variable, String value) {
    environment.put(variable, value);
  }

  private String url(String variable) {
    return "http://127.0.0.1:" + environment.get(variable);
  }

  String arm() {
    return url("POSTERN_ARM_PORT");
  }

  String ec2() {
    return url("POSTERN_EC2_PORT");
  }

  PosternClient client(String subject, String group) {
    return new PosternClient(
        url("POSTERN_WEB_PORT"),
        Issuer.in(home.resolve(".postern")).token(subject, List.of(group)));
  }

  /** Starts {@code up}; returns once it is ready. */
  void up() throws IOException {
    process =
        builder("up")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("up.log").toFile()))
            .start();
    PosternClient client = client("root", "admins");
    await().atMost(START).pollInterval(Duration.ofMillis(200)).until(() -> isReady(client));
  }

  /** Starts {@code demo}, with what it prints. */
  BufferedReader demo() throws IOException {
    Process demo =
        builder("demo", "--json")
            .redirectError(ProcessBuilder.Redirect.appendTo(home.resolve("demo.log").toFile()))
            .start();
    process = demo;
    return demo.inputReader();
  }

  private ProcessBuilder builder(String command, String... options) {
    List<String> line = new ArrayList<>();
    line.add(ProcessHandle.current().info().command().orElse("java"));
    line.addAll(ClassArchive.options(command.equals("up")));
    line.addAll(
        List.of(
            "-Xmx768m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-Dpostern.home=" + home,
            "-Dpostern.registry.home=" + System.getProperty("postern.registry.home"),
            "-Dorg.springframework.boot.logging.LoggingSystem=none",
            "-cp",
            ClassArchive.classPath(),
            Main.class.getName(),
            command,
            "--data",
            home.resolve("data").toString()));
    line.addAll(List.of(options));
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().putAll(environment);
    return builder;
  }

  private boolean isReady(PosternClient client) {
    assertThat(process != null && process.isAlive()).as("the system ended by itself").isTrue();
    try {
      return client.get("/actuator/health/readiness").status() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The end of a test, which leaves to the next ones what makes their systems start sooner. */
  void end() throws IOException, InterruptedException {
    if (process != null) {
      ClassArchive.take(process);
    }
    kill();
  }

  /** {@code kill -9}. */
  void kill() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly();
      process.waitFor(20, TimeUnit.SECONDS);
    }
  }

  /** All rules of the two machines' groups. */
  List<String> rules() throws IOException, InterruptedException {
    return rules(arm(), ec2());
  }

  /** All rules of the two machines' groups before Postern has touched them. */
  static List<String> untouchedRules() throws IOException, InterruptedException {
    try (ArmSimulator arm = ArmSimulator.start(ArmSimulator.Options.defaults());
        Ec2Simulator ec2 = Ec2Simulator.start(Ec2Simulator.Options.defaults())) {
      ArmScene.small(arm);
      Ec2Scene.small(ec2);
      return rules(arm.url(), ec2.url());
    }
  }

  static List<String> rules(String arm, String ec2) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(RuleSnapshots.azure(new Api(arm), NSG));
    all.addAll(RuleSnapshots.aws(ec2, "i-0abc1234def567890"));
    return all;
  }

  /** Groups that Postern made in EC2 and that are still there. */
  List<String> ownGroups() throws IOException, InterruptedException {
    return RuleSnapshots.awsGroups(ec2(), "postern-*");
  }

  /** Whether a packet to port 22 passes, in Azure and in AWS, by the packet models. */
  List<Boolean> passes(String source) throws IOException, InterruptedException {
    return passes(source, arm(), ec2());
  }

  static List<Boolean> passes(String source, String arm, String ec2)
      throws IOException, InterruptedException {
    return List.of(
        new SimulatedMachine("azure", VM, new Api(arm)).packet(source, 22).reachable(),
        new SimulatedMachine("aws", ARN, new Api(ec2)).packet(source, 22).reachable());
  }
}
