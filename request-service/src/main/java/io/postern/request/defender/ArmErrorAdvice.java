package io.postern.request.defender;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postern.model.FieldError;
import io.postern.request.domain.ReadModelException;
import io.postern.request.kafka.UnavailableException;
import io.postern.request.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.AuthenticationException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Every error of this door leaves as {@code {"error": {"code", "message"}}}. */
@RestControllerAdvice(assignableTypes = {DefenderController.class, ArmDiscoveryController.class})
@Order(Ordered.HIGHEST_PRECEDENCE)
public class ArmErrorAdvice {
  private static final Logger LOGGER = LoggerFactory.getLogger(ArmErrorAdvice.class);

  @ExceptionHandler
  ResponseEntity<String> known(ArmException e) {
    return answer(e.status(), body(e.code(), String.valueOf(e.getMessage()), e.errors()));
  }

  @ExceptionHandler
  ResponseEntity<String> problem(Problem e) {
    String code = e.status() == HttpStatus.FORBIDDEN ? "AuthorizationFailed" : e.code().name();
    return answer(e.status(), body(code, String.valueOf(e.getMessage()), e.errors()));
  }

  @ExceptionHandler
  ResponseEntity<String> unavailable(UnavailableException e) {
    LOGGER.atError().setCause(e).log("the log does not take events");
    return later("the log did not take the event in time; ask again");
  }

  @ExceptionHandler
  ResponseEntity<String> unreadable(ReadModelException e) {
    LOGGER.atError().setCause(e).log("the read model does not answer");
    return later("what is known cannot be read at the moment; ask again");
  }

  private static ResponseEntity<String> later(String message) {
    return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
        .header(HttpHeaders.RETRY_AFTER, "5")
        .contentType(MediaType.APPLICATION_JSON)
        .body(body("ServiceUnavailable", message, List.of()));
  }

  @ExceptionHandler
  ResponseEntity<String> anything(Exception e) {
    if (e instanceof ErrorResponse r && r.getStatusCode().is4xxClientError()) {
      HttpStatus status = HttpStatus.valueOf(r.getStatusCode().value());
      return answer(status, body("BadRequest", String.valueOf(r.getBody().getDetail()), List.of()));
    }
    LOGGER.atError().setCause(e).log("a call failed");
    return answer(
        HttpStatus.INTERNAL_SERVER_ERROR,
        body("InternalServerError", "something went wrong here", List.of()));
  }

  private static ResponseEntity<String> answer(HttpStatus status, String body) {
    return ResponseEntity.status(status).contentType(MediaType.APPLICATION_JSON).body(body);
  }

  private static String body(String code, String message, List<FieldError> errors) {
    ObjectNode doc = JsonNodeFactory.instance.objectNode();
    ObjectNode error = doc.putObject("error");
    error.put("code", code);
    error.put("message", message);
    if (!errors.isEmpty()) {
      ArrayNode details = error.putArray("details");
      for (FieldError each : errors) {
        details
            .addObject()
            .put("code", "InvalidField")
            .put("target", each.field())
            .put("message", ArmException.sentence(each));
      }
    }
    return doc.toString();
  }

  /** Answers a call of Azure's that bears no token, or a wrong one. */
  public static void unauthenticated(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException why)
      throws IOException {
    response.setStatus(HttpStatus.UNAUTHORIZED.value());
    response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    String message =
        request.getHeader(HttpHeaders.AUTHORIZATION) == null
            ? "the call bears no access token"
            : "the access token is not valid";
    response
        .getOutputStream()
        .write(body("AuthenticationFailed", message, List.of()).getBytes(StandardCharsets.UTF_8));
  }
}
