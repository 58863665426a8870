package io.postern.request.web;

import io.postern.model.ErrorCode;
import io.postern.model.FieldError;
import java.util.List;
import org.springframework.http.HttpStatus;

/** A request that is answered with a problem (RFC 9457). */
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final HttpStatus status;
  private final ErrorCode code;
  private final transient List<FieldError> errors;

  Problem(HttpStatus status, ErrorCode code, String detail, List<FieldError> errors) {
    super(detail);
    this.status = status;
    this.code = code;
    this.errors = List.copyOf(errors);
  }

  public static Problem invalid(List<FieldError> errors) {
    String fields = String.join(", ", errors.stream().map(FieldError::field).distinct().toList());
    return new Problem(
        HttpStatus.BAD_REQUEST, ErrorCode.INVALID_REQUEST, "wrong: " + fields, errors);
  }

  public static Problem invalid(String field, String rule, String given) {
    return invalid(List.of(new FieldError(field, rule, given)));
  }

  public static Problem notFound(String what) {
    return new Problem(
        HttpStatus.NOT_FOUND, ErrorCode.TARGET_NOT_FOUND, "no such " + what, List.of());
  }

  public static Problem forbidden(String why) {
    return new Problem(HttpStatus.FORBIDDEN, ErrorCode.NOT_ENTITLED, why, List.of());
  }

  public static Problem conflict(String why) {
    return new Problem(HttpStatus.CONFLICT, ErrorCode.CONFLICT, why, List.of());
  }

  static Problem busy(String why) {
    return new Problem(HttpStatus.SERVICE_UNAVAILABLE, ErrorCode.CLOUD_UNAVAILABLE, why, List.of());
  }

  static Problem precondition(String why) {
    return new Problem(HttpStatus.PRECONDITION_FAILED, ErrorCode.CONFLICT, why, List.of());
  }

  public HttpStatus status() {
    return status;
  }

  public ErrorCode code() {
    return code;
  }

  /** What is wrong with which field. */
  public List<FieldError> errors() {
    return errors;
  }
}
