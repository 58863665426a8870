package io.postern.hosting;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Metrics;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricsReporter;

/**
 * Tells how far each consumer of this process is behind the log, from what Kafka's own client
 * measures; named in the clients' {@code metric.reporters}, which makes it.
 */
public final class LagMetrics implements MetricsReporter {
  private static final String GROUP = "consumer-fetch-manager-metrics";
  private static final String LAG = "records-lag-max";

  private final Map<MetricName, Meter> told = new ConcurrentHashMap<>();

  @Override
  public void init(List<KafkaMetric> metrics) {
    metrics.forEach(this::metricChange);
  }

  @Override
  public void metricChange(KafkaMetric metric) {
    MetricName name = metric.metricName();
    // One for each client; there is another for each of its partitions.
    if (name.group().equals(GROUP)
        && name.name().equals(LAG)
        && !name.tags().containsKey("topic")) {
      told.computeIfAbsent(name, n -> gauge(metric));
    }
  }

  private static Meter gauge(KafkaMetric metric) {
    return Gauge.builder("postern.log.lag", metric, LagMetrics::value)
        .description("records that a consumer is behind, of the partition that is furthest behind")
        .tag("client", metric.metricName().tags().getOrDefault("client-id", ""))
        .register(Metrics.globalRegistry);
  }

  private static double value(KafkaMetric metric) {
    // Not a number before the first fetch: nothing is known to be missing.
    return metric.metricValue() instanceof Number n && Double.isFinite(n.doubleValue())
        ? n.doubleValue()
        : 0;
  }

  @Override
  public void metricRemoval(KafkaMetric metric) {
    Meter meter = told.remove(metric.metricName());
    if (meter != null) {
      Metrics.globalRegistry.remove(meter);
    }
  }

  @Override
  public void close() {
    told.values().forEach(Metrics.globalRegistry::remove);
    told.clear();
  }

  @Override
  public void configure(Map<String, ?> configs) {
    // Nothing to be configured.
  }
}
