package io.postern.simulator.ec2;

/** A refusal in EC2's words: HTTP status, error code, message. */
final class Ec2Error extends RuntimeException {
  private static final long serialVersionUID = 1L;

  final int status;
  final String code;

  Ec2Error(int status, String code, String message) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
  }

  static Ec2Error of(String code, String message) {
    return new Ec2Error(400, code, message);
  }

  static Ec2Error invalid(String message) {
    return of("InvalidParameterValue", message);
  }

  static Ec2Error missing(String parameter) {
    return of("MissingParameter", "The request must contain the parameter " + parameter);
  }

  static Ec2Error unauthorized(String action) {
    return new Ec2Error(
        403,
        "UnauthorizedOperation",
        "You are not authorized to perform this operation: ec2:" + action);
  }

  String text() {
    String message = getMessage();
    return message == null ? "" : message;
  }
}
