package io.postern.request.pages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postern.model.Cidr;
import io.postern.model.FieldError;
import io.postern.model.InvalidValueException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The form of a request as the document that programs send: the same rules hold for both, and are
 * written once.
 */
final class AskForm {
  private AskForm() {}

  /** The document; what cannot be understood is left in it for its reader to name. */
  static String document(AskPages.Form form, Instant now) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.putArray("machines").add(text(form.machine()));
    ArrayNode ports = document.putArray("ports");
    for (String value : form.port() == null ? List.<String>of() : form.port()) {
      int slash = value.indexOf('/');
      ObjectNode port = ports.addObject();
      port.put("port", slash < 0 ? value : value.substring(0, slash));
      if (slash >= 0) {
        port.put("protocol", value.substring(slash + 1));
      }
    }
    List<String> sources = sources(form);
    if (!sources.isEmpty()) {
      ArrayNode array = document.putArray("sources");
      sources.forEach(array::add);
    }
    document.put("duration", duration(text(form.minutes())));
    String later = text(form.later());
    if (!later.isEmpty()) {
      document.put(
          "start",
          isMinutes(later)
              ? now.plus(Duration.ofMinutes(Long.parseLong(later))).toString()
              : later);
    }
    String justification = text(form.justification());
    if (!justification.isEmpty()) {
      document.put("justification", justification);
    }
    if (form.breakGlass() != null) {
      document.put("breakGlass", true);
    }
    return document.toString();
  }

  static List<String> sources(AskPages.Form form) {
    return Arrays.stream(text(form.sources()).split("[\\s,;]+")).filter(s -> !s.isEmpty()).toList();
  }

  private static String duration(String minutes) {
    return isMinutes(minutes) ? "PT" + minutes + "M" : minutes;
  }

  private static boolean isMinutes(String text) {
    return text.matches("[0-9]{1,6}");
  }

  private static String text(@Nullable String given) {
    return given == null ? "" : given.strip();
  }

  /** Errors by the form's own fields, each as a sentence. */
  static Map<String, List<String>> byField(List<FieldError> errors) {
    Map<String, List<String>> byField = new LinkedHashMap<>();
    for (FieldError e : errors) {
      String given = e.given().isEmpty() ? "" : " (given: " + e.given() + ")";
      String field = field(e.field());
      // The form asks for minutes where the document has a duration.
      String rule =
          (field.equals("minutes") && e.rule().contains("ISO-8601"))
                  || (field.equals("later") && e.rule().contains("instant"))
              ? "must be a whole number of minutes"
              : e.rule();
      byField.computeIfAbsent(field, f -> new ArrayList<>()).add(rule + given);
    }
    return byField;
  }

  private static String field(String path) {
    String top = path.replaceAll("[.\\[].*", "");
    return switch (top) {
      case "ports" -> "port";
      case "duration" -> "minutes";
      case "start" -> "later";
      case "machines", "sources", "justification" -> top;
      default -> "form";
    };
  }

  private static boolean isAddress(String text) {
    try {
      Cidr.parse(text);
      return true;
    } catch (InvalidValueException e) {
      return false;
    }
  }

  private static String begins(String later, String approval) {
    String approved = approval.isEmpty() ? "" : ", once approved by " + approval;
    if (later.isEmpty() || later.matches("0+")) {
      return approval.isEmpty() ? ", at once" : approved;
    }
    return isMinutes(later)
        ? ", beginning in %s%s"
            .formatted(Moment.words(Duration.ofMinutes(Long.parseLong(later))), approved)
        : ", beginning at a time that you have yet to choose";
  }

  /** What would happen, or what is still to be filled in. */
  static String preview(AskPages.Form form, List<AskPages.Port> ports) {
    if (ports.isEmpty()) {
      return "Choose at least one port.";
    }
    String minutes = text(form.minutes());
    List<String> from = sources(form);
    Optional<String> wrong = from.stream().filter(s -> !isAddress(s)).findFirst();
    if (wrong.isPresent()) {
      return wrong.get() + " is no address and no range of addresses.";
    }
    String approval =
        ports.stream()
            .map(AskPages.Port::approval)
            .filter(a -> !a.isEmpty())
            .distinct()
            .collect(Collectors.joining("; "));
    return "%s opens for %s only, for %s%s. Then it closes; connections that stand go on."
        .formatted(
            ports.stream().map(AskPages.Port::value).collect(Collectors.joining(", ")),
            from.isEmpty() ? "your own address" : String.join(", ", from),
            isMinutes(minutes)
                ? Moment.words(Duration.ofMinutes(Long.parseLong(minutes)))
                : "a time that you have yet to choose",
            begins(text(form.later()), approval));
  }
}
