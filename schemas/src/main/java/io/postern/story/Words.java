package io.postern.story;

import io.postern.event.Check;
import io.postern.event.CheckOutcome;
import io.postern.event.Endpoint;
import io.postern.event.PortSelection;
import io.postern.event.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Parts of sentences. */
public final class Words {
  private Words() {}

  /** The end of a machine's id, which is what people call it. */
  public static String machine(String id) {
    return id.substring(id.lastIndexOf('/') + 1);
  }

  public static String machines(List<String> ids) {
    return list(ids.stream().map(Words::machine).toList());
  }

  public static String list(List<String> words) {
    return switch (words.size()) {
      case 0 -> "nothing";
      case 1 -> words.get(0);
      default ->
          String.join(", ", words.subList(0, words.size() - 1))
              + " and "
              + words.get(words.size() - 1);
    };
  }

  public static String port(PortSelection ports) {
    String numbers =
        ports.getFromPort() == ports.getToPort()
            ? Integer.toString(ports.getFromPort())
            : ports.getFromPort() + "-" + ports.getToPort();
    return numbers + "/" + ports.getProtocol();
  }

  public static String ports(List<PortSelection> ports) {
    return list(ports.stream().map(Words::port).toList());
  }

  public static String endpoints(List<Endpoint> endpoints) {
    return list(
        endpoints.stream()
            .map(e -> e.getAddress() + ":" + e.getPort() + "/" + e.getProtocol())
            .toList());
  }

  public static String reasons(List<Reason> reasons) {
    return reasons.stream()
        .map(r -> r.getMessage() + " (" + r.getCode() + ")")
        .collect(Collectors.joining("; "));
  }

  /** The checks that were made and passed. */
  public static String passed(List<Check> checks) {
    return list(
        checks.stream()
            .filter(c -> c.getOutcome() == CheckOutcome.PASSED)
            .map(Check::getName)
            .toList());
  }

  public static String duration(long millis) {
    return Duration.ofMillis(millis).toString().substring(2).toLowerCase(Locale.ROOT);
  }

  public static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** A quotation after a colon, or nothing. */
  public static String quoted(@Nullable String text) {
    return text == null || text.isBlank() ? "" : ": \"" + text + "\"";
  }

  public static String reason(Enum<?> reason) {
    return reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
