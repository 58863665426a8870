package io.postern.azure.cloud;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpResponse;
import com.azure.core.util.BinaryData;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** An answer of ARM's, read as JSON where it is JSON. */
record ArmAnswer(int status, HttpHeaders headers, JsonNode body) {
  private static final int LONGEST_MESSAGE = 300;
  private static final Set<String> LOCKS =
      Set.of("RetryableError", "RetryableErrorDueToAnotherOperation");

  static ArmAnswer of(HttpResponse response) {
    BinaryData data = response.getBodyAsBinaryData();
    return new ArmAnswer(
        response.getStatusCode(),
        response.getHeaders(),
        parse(data == null ? "" : data.toString()));
  }

  private static JsonNode parse(String text) {
    try {
      return text.isBlank() ? MissingNode.getInstance() : JsonMapper.shared().readTree(text);
    } catch (JacksonException e) {
      return MissingNode.getInstance();
    }
  }

  boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  /** The error's code, or that of its only detail when it says more. */
  String code() {
    return body.path("error").path("code").asString("HTTP " + status);
  }

  boolean has(String code) {
    JsonNode error = body.path("error");
    if (code.equalsIgnoreCase(error.path("code").asString(""))) {
      return true;
    }
    for (JsonNode detail : error.path("details")) {
      if (code.equalsIgnoreCase(detail.path("code").asString(""))) {
        return true;
      }
    }
    return false;
  }

  /** Whether another operation holds the resource, as opposed to a spent quota. */
  boolean isLock() {
    return LOCKS.stream().anyMatch(this::has);
  }

  /** Code and message in one sentence, shortened. */
  String sentence() {
    String message = body.path("error").path("message").asString("");
    String text = "Azure answered " + code() + (message.isBlank() ? "" : ": " + message);
    return text.length() <= LONGEST_MESSAGE ? text : text.substring(0, LONGEST_MESSAGE) + "…";
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(headers.getValue(HttpHeaderName.fromString(name)));
  }

  /** Seconds or a date. */
  Optional<Duration> retryAfter(Clock clock) {
    return header("Retry-After").flatMap(v -> wait(v.strip(), clock));
  }

  private static Optional<Duration> wait(String value, Clock clock) {
    try {
      if (value.chars().allMatch(Character::isDigit)) {
        return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
      }
      Duration until =
          Duration.between(
              clock.instant(),
              ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      return Optional.of(until.isNegative() ? Duration.ZERO : until);
    } catch (DateTimeException | NumberFormatException e) {
      return Optional.empty();
    }
  }
}
