package io.postern.hosting;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** What a service measures, in the text that Prometheus scrapes. */
final class Metering implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /**
   * From now on everything that is measured in this process is told here.
   *
   * @param service told as the label {@code service}
   */
  static Metering start(String service) {
    Metering metering = new Metering();
    metering.registry.config().commonTags("service", service);
    new ClassLoaderMetrics().bindTo(metering.registry);
    new JvmMemoryMetrics().bindTo(metering.registry);
    new JvmThreadMetrics().bindTo(metering.registry);
    new ProcessorMetrics().bindTo(metering.registry);
    new UptimeMetrics().bindTo(metering.registry);
    Metrics.addRegistry(metering.registry);
    return metering;
  }

  /** For a context whose parts measure by a registry of its own. */
  MeterRegistry registry() {
    return registry;
  }

  String scrape() {
    return registry.scrape();
  }

  @Override
  public void close() {
    Metrics.removeRegistry(registry);
    registry.close();
  }
}
