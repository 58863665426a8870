package io.postern.request.web;

import io.postern.model.ErrorCode;
import io.postern.model.FieldError;
import io.postern.request.domain.InvalidCursorException;
import io.postern.request.domain.ReadModelException;
import io.postern.request.kafka.UnavailableException;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Every error leaves as a problem with {@code code}, {@code errors[]} and {@code requestId}. */
@RestControllerAdvice
public class ProblemAdvice {
  private static final Logger LOGGER = LoggerFactory.getLogger(ProblemAdvice.class);

  /** What a problem looks like outside. */
  @ExceptionHandler
  public ResponseEntity<ProblemDetail> problem(Problem e) {
    return answer(e.status(), e.code(), String.valueOf(e.getMessage()), e.errors());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> unavailable(UnavailableException e) {
    LOGGER.atError().setCause(e).log("the log does not take events");
    return later("the log did not take the event in time; ask again");
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> unreadable(ReadModelException e) {
    LOGGER.atError().setCause(e).log("the read model does not answer");
    return later("what is known cannot be read at the moment; ask again");
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> cursor(InvalidCursorException e) {
    return problem(Problem.invalid("cursor", "must be a nextCursor of an earlier page", e.given()));
  }

  private static ResponseEntity<ProblemDetail> later(String detail) {
    ResponseEntity<ProblemDetail> answer =
        answer(HttpStatus.SERVICE_UNAVAILABLE, ErrorCode.CLOUD_UNAVAILABLE, detail, List.of());
    return ResponseEntity.status(answer.getStatusCode())
        .header(HttpHeaders.RETRY_AFTER, "5")
        .body(answer.getBody());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> unreadable(HttpMessageNotReadableException e) {
    return answer(
        HttpStatus.BAD_REQUEST, ErrorCode.INVALID_REQUEST, "the body cannot be read", List.of());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> anything(Exception e) {
    if (e instanceof ErrorResponse known) {
      HttpStatusCode status = known.getStatusCode();
      return answer(
          status,
          status.is4xxClientError() ? ErrorCode.INVALID_REQUEST : ErrorCode.INTERNAL,
          String.valueOf(known.getBody().getDetail()),
          List.of());
    }
    LOGGER.atError().setCause(e).log("a call failed");
    return answer(
        HttpStatus.INTERNAL_SERVER_ERROR,
        ErrorCode.INTERNAL,
        "something went wrong here",
        List.of());
  }

  private static ResponseEntity<ProblemDetail> answer(
      HttpStatusCode status, ErrorCode code, String detail, List<FieldError> errors) {
    ProblemDetail body = ProblemDetail.forStatusAndDetail(status, detail);
    body.setProperty("code", code.name());
    body.setProperty("errors", errors);
    body.setProperty("requestId", UUID.randomUUID().toString());
    return ResponseEntity.status(status).body(body);
  }
}
