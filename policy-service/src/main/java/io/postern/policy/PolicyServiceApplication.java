package io.postern.policy;

import io.postern.hosting.ServiceProcess;
import io.postern.log.Topics;
import io.postern.policy.config.PolicyServiceConfiguration;
import io.postern.policy.kafka.PolicyService;

/** Starts policy-service. */
public final class PolicyServiceApplication {
  private PolicyServiceApplication() {}

  public static void main(String[] args) {
    new ServiceProcess(
            Topics.POLICY_SERVICE,
            PolicyServiceConfiguration.class,
            context -> context.getBean(PolicyService.class)::isReady)
        .run(args);
  }
}
