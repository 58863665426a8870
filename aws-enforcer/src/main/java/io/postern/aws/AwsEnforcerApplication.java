package io.postern.aws;

import io.postern.aws.cloud.Ec2Sweeper;
import io.postern.aws.config.AwsEnforcerConfiguration;
import io.postern.aws.config.SweepConfiguration;
import io.postern.aws.config.SweepProperties;
import java.util.Arrays;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts aws-enforcer, or with {@code --sweep} its sweeper, which needs no Kafka. */
public final class AwsEnforcerApplication {
  private AwsEnforcerApplication() {}

  public static void main(String[] args) throws InterruptedException {
    System.setProperty("spring.config.name", "aws-enforcer");
    if (Arrays.asList(args).contains("--sweep")) {
      sweep(args);
    } else {
      SpringApplication service = new SpringApplication(AwsEnforcerConfiguration.class);
      // All threads of the enforcer are daemons.
      service.setKeepAlive(true);
      service.run(args);
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
