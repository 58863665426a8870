package io.postern.enforcement.kafka;

import io.micrometer.core.instrument.Gauge;
import io.postern.enforcement.cloud.CloudException;
import io.postern.model.Scope;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names what the enforcer may not do in a scope when it begins to work there. It goes on all the
 * same: what it may do it does. Gauge {@code postern.permissions.missing}.
 */
final class SelfTest {
  private static final Logger LOGGER = LoggerFactory.getLogger(SelfTest.class);

  /** What is missing in a scope. */
  interface Question {
    List<String> missing(Scope scope) throws CloudException;
  }

  private final Question question;
  private final Map<Scope, List<String>> missing = new ConcurrentHashMap<>();

  SelfTest(EnforcerMetrics metrics, Question question) {
    this.question = question;
    metrics.gauge(
        Gauge.builder("postern.permissions.missing", missing, SelfTest::count)
            .description("permissions that the enforcer's identity lacks, as found at the start"));
  }

  private static double count(Map<Scope, List<String>> missing) {
    return missing.values().stream().mapToInt(List::size).sum();
  }

  void run(Scope scope) {
    try {
      List<String> found = question.missing(scope);
      missing.put(scope, List.copyOf(found));
      for (String permission : found) {
        LOGGER
            .atError()
            .addKeyValue("scope", scope)
            .addKeyValue("permission", permission)
            .log("a permission is missing: the role in docs has it");
      }
    } catch (CloudException | RuntimeException e) {
      LOGGER
          .atWarn()
          .addKeyValue("scope", scope)
          .addKeyValue("why", e.getMessage())
          .log("permissions could not be tested");
    }
  }
}
