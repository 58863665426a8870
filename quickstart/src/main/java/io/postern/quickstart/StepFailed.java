package io.postern.quickstart;

/** A step of the demonstration did not hold. */
final class StepFailed extends Exception {
  private static final long serialVersionUID = 1L;

  StepFailed(String step) {
    super(step);
  }
}
