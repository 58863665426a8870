package io.postern.request.defender;

import io.postern.model.FieldError;
import java.util.List;
import org.springframework.http.HttpStatus;

/** A call that is answered with an error as Azure Resource Manager has it. */
final class ArmException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final HttpStatus status;
  private final String code;
  private final transient List<FieldError> errors;

  private ArmException(HttpStatus status, String code, String message, List<FieldError> errors) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = List.copyOf(errors);
  }

  static ArmException of(HttpStatus status, String code, String message) {
    return new ArmException(status, code, message, List.of());
  }

  /** Fields of the body are wrong; the message names the first, the details name all. */
  static ArmException invalid(List<FieldError> errors) {
    return new ArmException(
        HttpStatus.BAD_REQUEST, "InvalidRequestContent", sentence(errors.get(0)), errors);
  }

  static ArmException invalid(String field, String rule, String given) {
    return invalid(List.of(new FieldError(field, rule, given)));
  }

  static String sentence(FieldError error) {
    return "%s %s, not '%s'".formatted(error.field(), error.rule(), error.given());
  }

  HttpStatus status() {
    return status;
  }

  String code() {
    return code;
  }

  List<FieldError> errors() {
    return errors;
  }
}
