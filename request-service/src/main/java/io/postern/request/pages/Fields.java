package io.postern.request.pages;

import io.postern.request.web.Problem;

/** Reads fields of forms. */
final class Fields {
  private Fields() {}

  /**
   * A whole number.
   *
   * @throws Problem when it is none, or out of bounds
   */
  static int number(String field, String given, int least, int most) {
    String rule = "must be a number from " + least + " to " + most;
    try {
      int number = Integer.parseInt(given.strip());
      if (number < least || number > most) {
        throw Problem.invalid(field, rule, given);
      }
      return number;
    } catch (NumberFormatException e) {
      throw Problem.invalid(field, rule, given);
    }
  }
}
