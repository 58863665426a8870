package io.postern.azure;

import io.postern.azure.cloud.Sweeper;
import io.postern.azure.config.AzureAssessConfiguration;
import io.postern.azure.config.AzureEnforcerConfiguration;
import io.postern.azure.config.AzureProperties;
import io.postern.azure.config.AzureSweepOnceConfiguration;
import io.postern.azure.config.AzureSweeperConfiguration;
import io.postern.enforcement.assess.Assess;
import io.postern.enforcement.kafka.Enforcer;
import io.postern.enforcement.sweep.SweepOnce;
import io.postern.hosting.ServiceProcess;
import io.postern.log.Topics;
import java.io.PrintStream;
import java.util.List;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Starts azure-enforcer. With {@code --sweep} the sweeper, with {@code --sweep --once} one sweep;
 * with {@code --assess} one look, printed as a table or with {@code --json} as lines of JSON. None
 * of these needs a log.
 */
public final class AzureEnforcerApplication {
  private AzureEnforcerApplication() {}

  public static void main(String[] args) {
    System.setProperty("spring.config.name", Topics.AZURE_ENFORCER);
    if (List.of(args).contains("--assess")) {
      System.exit(assess(System.out, System.err, args));
    }
    if (List.of(args).containsAll(List.of("--sweep", "--once"))) {
      System.exit(sweepOnce(System.out, System.err, args));
    }
    if (List.of(args).contains("--sweep")) {
      SpringApplication sweeper = new SpringApplication(AzureSweeperConfiguration.class);
      sweeper.setKeepAlive(true);
      sweeper.run(args);
      return;
    }
    new ServiceProcess(
            Topics.AZURE_ENFORCER,
            AzureEnforcerConfiguration.class,
            context -> context.getBean(Enforcer.class)::isReady)
        .run(args);
  }

  /** One look; returns what the process should end with. */
  static int assess(PrintStream out, PrintStream err, String... args) {
    try (ConfigurableApplicationContext context =
        new SpringApplicationBuilder(AzureAssessConfiguration.class)
            .web(WebApplicationType.NONE)
            .bannerMode(Banner.Mode.OFF)
            .logStartupInfo(false)
            .run(args)) {
      return context.getBean(Assess.class).print(List.of(args).contains("--json"), out, err);
    }
  }

  /** One sweep; returns what the process should end with. */
  public static int sweepOnce(PrintStream out, PrintStream err, String... args) {
    try (ConfigurableApplicationContext context =
        new SpringApplicationBuilder(AzureSweepOnceConfiguration.class)
            .web(WebApplicationType.NONE)
            .bannerMode(Banner.Mode.OFF)
            .logStartupInfo(false)
            .run(args)) {
      AzureProperties properties = context.getBean(AzureProperties.class);
      Sweeper sweeper = context.getBean(Sweeper.class);
      return SweepOnce.print(
          () -> properties.azure().subscriptions(),
          sweeper::sweep,
          List.of(args).contains("--json"),
          out,
          err);
    }
  }
}
