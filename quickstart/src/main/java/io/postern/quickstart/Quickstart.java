package io.postern.quickstart;

import io.postern.audit.log.AuditConsumer;
import io.postern.aws.config.AwsEnforcerConfiguration;
import io.postern.azure.config.AzureEnforcerConfiguration;
import io.postern.enforcement.kafka.Enforcer;
import io.postern.expiry.config.ExpiryServiceConfiguration;
import io.postern.expiry.kafka.ExpiryService;
import io.postern.log.LogConnection;
import io.postern.log.Topics;
import io.postern.platform.Broker;
import io.postern.platform.Issuer;
import io.postern.platform.Platform;
import io.postern.platform.RegisteredProducers;
import io.postern.platform.RegistryProcess;
import io.postern.policy.config.PolicyServiceConfiguration;
import io.postern.policy.kafka.PolicyService;
import io.postern.request.config.ReadinessCheck;
import io.postern.request.config.RequestServiceConfiguration;
import io.postern.simulator.arm.ArmScene;
import io.postern.simulator.arm.ArmSimulator;
import io.postern.simulator.ec2.Ec2Scene;
import io.postern.simulator.ec2.Ec2Simulator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * The whole system in this JVM: broker, registry (a child process), simulated clouds unless the
 * enforcers are pointed elsewhere, the five services, each in an application context of its own,
 * and the audit consumer. They share no memory: every hop is a record on the broker.
 */
public final class Quickstart implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Quickstart.class);

  static {
    // The services start at the same time and share what logs: each would set it up anew, under the
    // others' hands. It is as logback.xml says.
    System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
  }

  /** Few, so that a laptop starts quickly; one machine's worth of scopes needs no more. */
  private static final int PARTITIONS = 4;

  private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(2);
  private static final Duration READY_LIMIT = Duration.ofSeconds(90);
  private static final String LOOPBACK = "http://127.0.0.1:";
  private static final List<String> BEHIND_THE_DOOR =
      List.of(
          Topics.POLICY_SERVICE, Topics.EXPIRY_SERVICE, Topics.AZURE_ENFORCER, Topics.AWS_ENFORCER);

  private final Ports ports;
  private final Data data;
  private final Issuer issuer;
  private final Console console;
  private final Map<String, String> environment = System.getenv();
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final Map<String, ConfigurableApplicationContext> contexts = new ConcurrentHashMap<>();
  private final List<ReadinessCheck> checks = new ArrayList<>();
  private Optional<SecureDoor> secureDoor = Optional.empty();
  private @Nullable Platform platform;
  private boolean closed;

  private Quickstart(Ports ports, Data data, Issuer issuer, Console console) {
    this.ports = ports;
    this.data = data;
    this.issuer = issuer;
    this.console = console;
  }

  /**
   * Starts everything and waits until it is ready.
   *
   * @throws StartException with a sentence for people when a port is in use or a part does not
   *     start
   */
  public static Quickstart start(Ports ports, Data data, Issuer issuer, Console console) {
    ports.check();
    Quickstart quickstart = new Quickstart(ports, data, issuer, console);
    quickstart.keep(data);
    try {
      quickstart.startAll();
      return quickstart;
    } catch (ExecutionException e) {
      quickstart.close();
      throw new StartException("the system does not start: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      quickstart.close();
      throw new StartException("interrupted while starting");
    } catch (RuntimeException e) {
      quickstart.close();
      throw e;
    }
  }

  private synchronized <T extends AutoCloseable> T keep(T part) {
    started.push(part);
    return part;
  }

  private void startAll() throws InterruptedException, ExecutionException {
    Instant begin = Instant.now();
    console.heading("Starting Postern on 127.0.0.1");
    try (ExecutorService pool = Executors.newCachedThreadPool()) {
      RegistryProcess registry =
          keep(RegistryProcess.start(data.resolve("registry"), ports.registry()));
      Future<?> arm = pool.submit(timed("ARM simulator", this::startArm));
      Future<?> ec2 = pool.submit(timed("EC2 simulator", this::startEc2));
      Broker broker =
          timed(
                  "Kafka broker",
                  () -> {
                    Broker b = Broker.start(data.resolve("kafka"), ports.kafka());
                    return new Part<>(b, b.bootstrapServers());
                  })
              .call();
      timed("schema registry", () -> new Part<>(registry.awaitReady(), registry.url())).call();
      Platform platform =
          timed(
                  "topics, schemas, keys",
                  () ->
                      new Part<>(
                          Platform.assemble(broker, registry, data.keys(), PARTITIONS),
                          Topics.ALL.size() + " topics"))
              .call();
      keep(platform);
      this.platform = platform;
      arm.get();
      ec2.get();
      startServices(platform, pool);
    } catch (InterruptedException | ExecutionException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new ExecutionException(e);
    }
    console.part("ready", "everything answers", Duration.between(begin, Instant.now()));
  }

  private record Part<T>(T value, String detail) {}

  private <T> Callable<T> timed(String name, Callable<Part<T>> start) {
    return () -> {
      Instant begin = Instant.now();
      Part<T> part = start.call();
      console.part(name, part.detail(), Duration.between(begin, Instant.now()));
      return part.value();
    };
  }

  private Part<String> startArm() throws Exception {
    String elsewhere = environment.get("POSTERN_AZURE_ENDPOINT");
    if (elsewhere != null) {
      return new Part<>(elsewhere, "not started: the enforcer uses " + elsewhere);
    }
    ArmSimulator simulator =
        keep(
            ArmSimulator.start(
                data.ephemeral()
                    ? ArmSimulator.Options.defaults().withPort(ports.arm())
                    : ArmSimulator.Options.defaults()
                        .withPort(ports.arm())
                        .withStateFile(data.resolve("arm.json"))));
    ArmScene.small(simulator);
    return new Part<>(simulator.url(), simulator.url());
  }

  private Part<String> startEc2() throws Exception {
    String elsewhere = environment.get("POSTERN_AWS_ENDPOINT");
    if (elsewhere != null) {
      return new Part<>(elsewhere, "not started: the enforcer uses " + elsewhere);
    }
    Ec2Simulator simulator =
        keep(
            Ec2Simulator.start(
                data.ephemeral()
                    ? Ec2Simulator.Options.defaults().withPort(ports.ec2())
                    : Ec2Simulator.Options.defaults()
                        .withPort(ports.ec2())
                        .withStateFile(data.resolve("ec2.json"))));
    Ec2Scene.small(simulator);
    return new Part<>(simulator.url(), simulator.url());
  }

  private void startServices(Platform platform, ExecutorService pool)
      throws InterruptedException, ExecutionException {
    List<Future<?>> services = new ArrayList<>();
    for (String name : BEHIND_THE_DOOR) {
      services.add(pool.submit(timed(name, () -> startService(name, platform))));
    }
    for (Future<?> service : services) {
      service.get();
    }
    pool.submit(timed(Topics.REQUEST_SERVICE, () -> web(platform))).get();
    // Nobody waits for it: it follows what the others write.
    keep(AuditConsumer.start(platform.connection(Topics.AUDIT), CHECKPOINT_INTERVAL));
  }

  private Part<String> startService(String name, Platform platform) throws InterruptedException {
    return switch (name) {
      case Topics.POLICY_SERVICE -> {
        ConfigurableApplicationContext context =
            service(
                name,
                PolicyServiceConfiguration.class,
                platform,
                policy(platform.keys().producers().all()));
        yield ready(name, context.getBean(PolicyService.class)::isReady);
      }
      case Topics.EXPIRY_SERVICE -> {
        ConfigurableApplicationContext context =
            service(name, ExpiryServiceConfiguration.class, platform, Map.of());
        yield ready(name, context.getBean(ExpiryService.class)::isReady);
      }
      case Topics.AZURE_ENFORCER ->
          enforcer(name, AzureEnforcerConfiguration.class, platform, azure());
      case Topics.AWS_ENFORCER -> enforcer(name, AwsEnforcerConfiguration.class, platform, aws());
      default -> throw new IllegalArgumentException("no such service: " + name);
    };
  }

  /** Stops one service, as if its host were gone; the others are not told. */
  void stop(String service) {
    Objects.requireNonNull(contexts.remove(service), service).close();
  }

  /** Starts a service that was stopped. */
  void resume(String service) throws InterruptedException {
    startService(service, platform());
  }

  private Map<String, String> policy(List<RegisteredProducers.Registered> producers) {
    Map<String, String> properties = new HashMap<>(RegisteredProducers.properties(producers));
    properties.put("postern.state-directory", data.resolve("decision").toString());
    properties.put("postern.bounds.shortest", "PT1S");
    return properties;
  }

  private Map<String, String> azure() {
    return Map.of(
        "postern.azure.endpoint",
        LOOPBACK + ports.arm(),
        "postern.azure.credential",
        "simulator",
        "postern.azure.scopes",
        String.join(",", ArmScene.SUBSCRIPTION, ArmScene.SECOND_SUBSCRIPTION));
  }

  private Map<String, String> aws() {
    return Map.of(
        "postern.aws.endpoint",
        LOOPBACK + ports.ec2(),
        "postern.aws.scopes",
        "123456789012:eu-west-1");
  }

  private Part<String> enforcer(
      String name, Class<?> configuration, Platform platform, Map<String, String> cloud)
      throws InterruptedException {
    Map<String, String> properties = new HashMap<>(cloud);
    properties.put("postern.instance", name);
    properties.put("postern.marks.key", platform.keys().markKey().toString());
    properties.put("postern.marks.installation", "quickstart");
    properties.put("postern.resync-interval", "PT10S");
    ConfigurableApplicationContext context = service(name, configuration, platform, properties);
    return ready(name, context.getBean(Enforcer.class)::isReady);
  }

  private Part<String> ready(String name, BooleanSupplier isReady) throws InterruptedException {
    synchronized (checks) {
      checks.add(new ReadinessCheck(name, isReady));
    }
    Instant limit = Instant.now().plus(READY_LIMIT);
    while (!isReady.getAsBoolean()) {
      if (Instant.now().isAfter(limit)) {
        throw new StartException(name + " is not ready after " + READY_LIMIT);
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return new Part<>(name, "on the log");
  }

  private ConfigurableApplicationContext service(
      String name, Class<?> configuration, Platform platform, Map<String, String> properties) {
    ConfigurableApplicationContext context =
        keep(
            new SpringApplicationBuilder(configuration)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .registerShutdownHook(false)
                .properties(common(name, platform))
                .properties(new HashMap<>(properties))
                .run());
    contexts.put(name, context);
    return context;
  }

  private static Map<String, Object> common(String name, Platform platform) {
    LogConnection log = platform.connection(name);
    Map<String, Object> properties = new HashMap<>();
    properties.put("spring.config.name", name);
    properties.put("spring.application.name", name);
    properties.put("spring.main.lazy-initialization", "false");
    properties.put("spring.jmx.enabled", "false");
    properties.put("postern.log.bootstrap-servers", log.bootstrapServers());
    properties.put("postern.log.registry-url", log.registryUrl());
    properties.put("postern.log.signing-key", log.signingKey().toString());
    properties.put("postern.log.trust", log.trust().toString());
    properties.put("postern.log.partitions", Integer.toString(log.partitions()));
    return properties;
  }

  private Part<String> web(Platform platform) throws InterruptedException {
    Map<String, Object> properties = common(Topics.REQUEST_SERVICE, platform);
    properties.put("server.port", Integer.toString(ports.web()));
    properties.put("server.address", "127.0.0.1");
    properties.put("postern.issuer-keys", issuer.publicKeys().toString());
    properties.put("postern.issuer", Issuer.NAME);
    properties.put("postern.bounds.shortest", "PT1S");
    // Whoever tries it out asks again and again how far things are.
    properties.put("postern.rate.per-second", "1000");
    properties.put("postern.rate.burst", "10000");
    properties.put("postern.defender.requestor-groups", "admins,sre");
    properties.put("postern.defender.login-endpoint", LoginController.ADFS);
    if (!data.ephemeral()) {
      properties.put("spring.datasource.url", "jdbc:h2:file:" + data.resolve("read-model"));
    }
    if (ports.secureWeb().isPresent()) {
      secureDoor = Optional.of(SecureDoor.at(ports.secureWeb().getAsInt(), issuer.directory()));
    }
    ConfigurableApplicationContext context =
        keep(
            new SpringApplicationBuilder(
                    RequestServiceConfiguration.class, LoginConfiguration.class)
                .web(WebApplicationType.SERVLET)
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .registerShutdownHook(false)
                .properties(properties)
                .initializers(
                    c -> {
                      GenericApplicationContext g = (GenericApplicationContext) c;
                      g.registerBean(Issuer.class, () -> issuer);
                      secureDoor.ifPresent(d -> g.registerBean(SecureDoor.class, () -> d));
                      List<ReadinessCheck> all = List.copyOf(checks);
                      all.forEach(
                          check ->
                              g.registerBean(
                                  "readiness-" + check.name(), ReadinessCheck.class, () -> check));
                    })
                .run());
    ready(
        Topics.REQUEST_SERVICE,
        () ->
            context.getBeansOfType(ReadinessCheck.class).values().stream()
                .allMatch(c -> c.isReady().getAsBoolean()));
    return new Part<>("", LOOPBACK + ports.web());
  }

  /** The broker, registry and keys underneath, for whoever watches the log. */
  public Platform platform() {
    return Objects.requireNonNull(platform, "not started");
  }

  /** Where a client finds the parts. */
  public Clouds clouds() {
    return new Clouds(
        LOOPBACK + ports.web(),
        environment.getOrDefault("POSTERN_AZURE_ENDPOINT", LOOPBACK + ports.arm()),
        environment.getOrDefault("POSTERN_AWS_ENDPOINT", LOOPBACK + ports.ec2()));
  }

  /** What a person can do now. */
  String summary() {
    return """
        Postern is up at %1$s%2$d/
        Sign in there with the output of
          ./postern token alice --group sre --group admins
        or let a program ask:
          TOKEN=$(./postern token alice --group sre --group admins)
          curl -s -H "Authorization: Bearer $TOKEN" %1$s%2$d/api/v1/machines
        %5$sState is kept in %3$s%4$s. End with Ctrl-C."""
        .formatted(
            LOOPBACK,
            ports.web(),
            data.directory(),
            data.ephemeral() ? ", until this process ends" : "",
            secureDoor.map(d -> d.summary() + "\n").orElse(""));
  }

  /** Where the parts of the system listen. */
  public record Clouds(String web, String arm, String ec2) {}

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    CompletableFuture<Void> closing = CompletableFuture.runAsync(this::closeParts);
    try {
      closing.get(40, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
      LOGGER.atWarn().setCause(e).log("not everything stopped in time");
    }
  }

  private void closeParts() {
    while (!started.isEmpty()) {
      AutoCloseable part = started.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOGGER.atWarn().setCause(e).log("a part did not stop cleanly");
      }
    }
  }
}
