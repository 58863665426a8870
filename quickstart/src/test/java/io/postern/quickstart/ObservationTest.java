package io.postern.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Alerts, runbooks, dashboard and the table of metrics are about the same things. */
class ObservationTest {
  private static final Path ROOT = Path.of("..");
  private static final Path RULES = ROOT.resolve("docs/alerts/postern.rules.yml");
  private static final Path DASHBOARD = ROOT.resolve("deploy/observability/grafana/postern.json");
  private static final Path TABLE = ROOT.resolve("docs/metrics.md");
  private static final Path RUNBOOKS = ROOT.resolve("docs/runbooks");

  /** Names of our metrics in a text, as Prometheus knows them, without the suffixes of series. */
  static Set<String> metrics(String text) {
    return Pattern.compile("\\bpostern_[a-z_]+\\b")
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .map(n -> n.replaceAll("_(bucket|sum|count|max)$", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** All that docs/metrics.md says is measured. */
  static Set<String> documented() {
    return metrics(read(TABLE));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void alertsAndDashboardNameOnlyWhatIsMeasured() {
    assertThat(documented())
        .containsAll(metrics(read(RULES)))
        .containsAll(metrics(read(DASHBOARD)));
  }

  @Test
  void everyAlertHasAPageAndEveryPageAnAlert() throws IOException {
    Set<String> alerts =
        Pattern.compile("alert: (\\w+)")
            .matcher(read(RULES))
            .results()
            .map(r -> r.group(1))
            .collect(Collectors.toSet());
    try (Stream<Path> pages = Files.list(RUNBOOKS)) {
      assertThat(pages.map(p -> p.getFileName().toString().replace(".md", "")))
          .containsExactlyInAnyOrderElementsOf(alerts);
    }
    for (String alert : alerts) {
      assertThat(read(RULES)).contains("runbook: docs/runbooks/" + alert + ".md");
      assertThat(read(RUNBOOKS.resolve(alert + ".md"))).startsWith("# " + alert).contains("**Do**");
    }
  }
}
