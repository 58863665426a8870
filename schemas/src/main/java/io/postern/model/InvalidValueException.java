package io.postern.model;

/** A value that breaks a rule; the message names the rule and the value as given. */
public final class InvalidValueException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String rule;
  private final String given;

  public InvalidValueException(String rule, String given) {
    super(rule + ", given: " + shorten(given));
    this.rule = rule;
    this.given = shorten(given);
  }

  /** The rule in words, for example {@code must be an IPv4 or IPv6 address or CIDR}. */
  public String rule() {
    return rule;
  }

  /** The value as given, at most 200 characters of it, control characters replaced. */
  public String given() {
    return given;
  }

  private static String shorten(String value) {
    String printable = value.replaceAll("\\p{Cntrl}", "?");
    return printable.length() <= 200 ? printable : printable.substring(0, 200) + "…";
  }
}
