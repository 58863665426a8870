package io.postern.hosting;

import io.postern.log.LogConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/**
 * A service as a process of its own, configured by its environment ({@code POSTERN_LOG_...}, {@code
 * NAME_FILE} for secrets). It answers for its health at once when {@code postern.health.port} is
 * set, waits for what it needs, and only then wires itself: it can be started before broker,
 * registry and database, and gets on by itself when they come.
 */
public final class ServiceProcess {
  private final String service;
  private final Class<?> configuration;
  private final Function<ApplicationContext, BooleanSupplier> readiness;
  private final Function<Environment, List<Need>> furtherNeeds;

  /**
   * @param service its name, which is that of its properties file and of its principal
   * @param readiness tells, of the wired service, whether it does its work
   * @param furtherNeeds what it cannot start without, beside the log
   */
  public ServiceProcess(
      String service,
      Class<?> configuration,
      Function<ApplicationContext, BooleanSupplier> readiness,
      Function<Environment, List<Need>> furtherNeeds) {
    this.service = service;
    this.configuration = configuration;
    this.readiness = readiness;
    this.furtherNeeds = furtherNeeds;
  }

  /** Nothing but the log is needed. */
  public ServiceProcess(
      String service,
      Class<?> configuration,
      Function<ApplicationContext, BooleanSupplier> readiness) {
    this(service, configuration, readiness, environment -> List.of());
  }

  /** Runs until the process is ended. */
  public ConfigurableApplicationContext run(String... args) {
    return run(System.getenv(), args);
  }

  ConfigurableApplicationContext run(Map<String, String> variables, String... args) {
    System.setProperty("spring.config.name", service);
    Progress progress = new Progress();
    SpringApplication application = new SpringApplication(configuration);
    application.setBannerMode(Banner.Mode.OFF);
    Map<String, Object> defaults = new HashMap<>(Map.of("spring.application.name", service));
    // Its clients tell all their settings and every offset.
    defaults.put("logging.level.org.apache.kafka", "warn");
    defaults.put("postern.log.kafka[metric.reporters]", LagMetrics.class.getName());
    boolean training = Training.isWanted(variables);
    if (!training) {
      Tracing.start(service, variables);
    }
    if (training) {
      defaults.putAll(Training.properties(service));
    }
    application.setDefaultProperties(defaults);
    // Every thread of most services is a daemon; without it the process would end at once.
    application.setKeepAlive(true);
    if (training) {
      application.addInitializers(Training::holdBack);
      Training.finish(needs(application.run(args).getEnvironment()), progress);
    }
    AtomicReference<@Nullable HealthServer> health = new AtomicReference<>();
    application.addInitializers(context -> prepare(context, variables, progress, health));
    ConfigurableApplicationContext context;
    try {
      context = application.run(args);
    } catch (RuntimeException e) {
      // Its thread would keep a process alive that does nothing.
      close(health);
      throw e;
    }
    progress.runs(readiness.apply(context));
    return context;
  }

  private void prepare(
      ConfigurableApplicationContext context,
      Map<String, String> variables,
      Progress progress,
      AtomicReference<@Nullable HealthServer> health) {
    ConfigurableEnvironment environment = context.getEnvironment();
    SecretFiles.addTo(environment, variables);
    ConfigurationPropertySources.attach(environment);
    List<Need> needs = needs(environment);
    int port = environment.getProperty("postern.health.port", Integer.class, 0);
    if (port > 0) {
      HealthServer server = HealthServer.start(service, port, progress);
      health.set(server);
      context.getBeanFactory().registerSingleton("prometheusMeterRegistry", server.meters());
      context.addApplicationListener(
          event -> {
            if (event instanceof ContextClosedEvent) {
              close(health);
            }
          });
    }
    try {
      Waiting.forAll(needs, progress);
      progress.waits("the start");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting", e);
    }
  }

  private static void close(AtomicReference<@Nullable HealthServer> health) {
    HealthServer server = health.getAndSet(null);
    if (server != null) {
      server.close();
    }
  }

  private List<Need> needs(Environment environment) {
    List<Need> needs = new ArrayList<>(LogNeeds.of(service, log(environment)));
    needs.addAll(furtherNeeds.apply(environment));
    return needs;
  }

  private static LogConnection log(Environment environment) {
    try {
      return Binder.get(environment).bindOrCreate("postern.log", LogConnection.class);
    } catch (BindException e) {
      @Nullable Throwable cause = e;
      while (cause != null && !(cause instanceof IllegalArgumentException)) {
        cause = cause.getCause();
      }
      throw cause instanceof IllegalArgumentException i ? i : e;
    }
  }
}
