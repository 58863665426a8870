package io.postern.aws;

import io.postern.aws.cloud.Ec2Sweeper;
import io.postern.aws.config.AssessConfiguration;
import io.postern.aws.config.AwsEnforcerConfiguration;
import io.postern.aws.config.SweepConfiguration;
import io.postern.aws.config.SweepProperties;
import io.postern.enforcement.assess.Assess;
import io.postern.enforcement.kafka.Enforcer;
import io.postern.enforcement.sweep.SweepOnce;
import io.postern.hosting.ServiceProcess;
import io.postern.log.Topics;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Starts aws-enforcer. With {@code --sweep} its sweeper, with {@code --sweep --once} one sweep;
 * with {@code --assess} one look, printed as a table or with {@code --json} as lines of JSON. None
 * of these needs a log.
 */
public final class AwsEnforcerApplication {
  private AwsEnforcerApplication() {}

  public static void main(String[] args) throws InterruptedException {
    System.setProperty("spring.config.name", Topics.AWS_ENFORCER);
    if (Arrays.asList(args).contains("--assess")) {
      System.exit(assess(System.out, System.err, args));
    }
    if (Arrays.asList(args).containsAll(List.of("--sweep", "--once"))) {
      System.exit(sweepOnce(System.out, System.err, args));
    }
    if (Arrays.asList(args).contains("--sweep")) {
      sweep(args);
    } else {
      new ServiceProcess(
              Topics.AWS_ENFORCER,
              AwsEnforcerConfiguration.class,
              context -> context.getBean(Enforcer.class)::isReady)
          .run(args);
    }
  }

  /** One look; returns what the process should end with. */
  static int assess(PrintStream out, PrintStream err, String... args) {
    try (ConfigurableApplicationContext context =
        new SpringApplicationBuilder(AssessConfiguration.class)
            .web(WebApplicationType.NONE)
            .bannerMode(Banner.Mode.OFF)
            .logStartupInfo(false)
            .run(args)) {
      return context.getBean(Assess.class).print(Arrays.asList(args).contains("--json"), out, err);
    }
  }

  /** One sweep; returns what the process should end with. */
  public static int sweepOnce(PrintStream out, PrintStream err, String... args) {
    try (ConfigurableApplicationContext context =
        new SpringApplicationBuilder(SweepConfiguration.class)
            .web(WebApplicationType.NONE)
            .bannerMode(Banner.Mode.OFF)
            .logStartupInfo(false)
            .run(args)) {
      Ec2Sweeper sweeper = context.getBean(Ec2Sweeper.class);
      return SweepOnce.print(
          sweeper::scopes, sweeper::sweep, Arrays.asList(args).contains("--json"), out, err);
    }
  }

  private static void sweep(String[] args) throws InterruptedException {
    try (ConfigurableApplicationContext context =
        SpringApplication.run(SweepConfiguration.class, args)) {
      Ec2Sweeper sweeper = context.getBean(Ec2Sweeper.class);
      SweepProperties properties = context.getBean(SweepProperties.class);
      if (properties.sweepInterval().isPositive()) {
        sweeper.sweepForever(properties.sweepInterval());
      } else {
        sweeper.sweep();
      }
    }
  }
}
