package io.postern.policy;

import io.postern.log.LogConnection;
import io.postern.log.Topics;
import io.postern.policy.domain.OperatorBounds;
import io.postern.policy.kafka.PolicyService;
import io.postern.policy.kafka.Producers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** policy-service in a process of its own, to be killed; ends with its parent. */
final class PolicyChild {
  private PolicyChild() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    LogConnection log =
        new LogConnection(
            args[0],
            Map.of(),
            args[1],
            Path.of(args[2]),
            Path.of(args[3]),
            Integer.parseInt(args[4]),
            List.of());
    PolicyService service =
        new PolicyService(
            log,
            new Producers(Map.of(Topics.REQUEST_SERVICE, Producers.Mapping.ANYBODY)),
            new PolicyService.Settings(
                "killed",
                Path.of(args[5]),
                OperatorBounds.DEFAULT,
                Set.of("admins"),
                Set.of(Topics.REQUEST_SERVICE)),
            Clock.systemUTC());
    service.start();
    while (!service.isReady()) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    System.out.println("READY");
    while (System.in.read() >= 0) {
      // Only the end counts.
    }
    Runtime.getRuntime().halt(0);
  }
}
