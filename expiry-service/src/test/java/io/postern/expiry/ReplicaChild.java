package io.postern.expiry;

import io.postern.expiry.kafka.ExpiryService;
import io.postern.log.LogConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A replica in a process of its own, to be killed; ends with its parent. */
final class ReplicaChild {
  private ReplicaChild() {}

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
    ExpiryService service =
        new ExpiryService(
            log,
            Integer.parseInt(args[5]),
            Duration.ofMillis(Long.parseLong(args[6])),
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
