package io.postern.hosting;

import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.postern.log.Trace;
import java.util.List;
import java.util.Map;

/**
 * Sends the traces of this process to a collector, where OpenTelemetry's own environment variables
 * name one; otherwise nothing is recorded.
 */
public final class Tracing {
  private static final List<String> ENDPOINTS =
      List.of("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");

  private Tracing() {}

  /**
   * Begins, for the rest of this process's life; what is not sent yet at its end is sent then.
   *
   * @param service the name that the traces tell, unless the environment gives another
   * @param variables the environment; the OpenTelemetry SDK reads the process's own
   * @return whether a collector is named
   * @throws RuntimeException when a variable has a value that OpenTelemetry does not take
   */
  public static boolean start(String service, Map<String, String> variables) {
    if (ENDPOINTS.stream().allMatch(e -> variables.getOrDefault(e, "").isBlank())) {
      return false;
    }
    Trace.recordWith(
        AutoConfiguredOpenTelemetrySdk.builder()
            .addPropertiesSupplier(() -> defaults(service))
            .build()
            .getOpenTelemetrySdk()
            .getTracerProvider());
    return true;
  }

  /** Traces only: the figures are told on the health port, the log lines on the console. */
  private static Map<String, String> defaults(String service) {
    return Map.of(
        "otel.service.name", service,
        "otel.metrics.exporter", "none",
        "otel.logs.exporter", "none",
        "otel.exporter.otlp.protocol", "http/protobuf");
  }
}
