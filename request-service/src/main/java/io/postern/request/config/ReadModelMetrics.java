package io.postern.request.config;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Metrics;
import io.postern.request.sql.SqlStore;
import java.time.Clock;
import java.time.Duration;

/** How far behind the log the answers are, told for as long as this is not closed. */
final class ReadModelMetrics implements AutoCloseable {
  private final Gauge behind;

  ReadModelMetrics(SqlStore store, Clock clock) {
    this.behind =
        Gauge.builder(
                "postern.read.model.behind",
                store,
                s -> Duration.between(s.reader().asOf(), clock.instant()).toMillis() / 1000.0)
            .baseUnit("seconds")
            .description("age of what the read model shows")
            .register(Metrics.globalRegistry);
  }

  @Override
  public void close() {
    Metrics.globalRegistry.remove(behind);
  }
}
