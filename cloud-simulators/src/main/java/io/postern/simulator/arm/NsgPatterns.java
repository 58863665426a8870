package io.postern.simulator.arm;

import java.util.regex.Pattern;

/** The shapes of names and values in security rules. */
final class NsgPatterns {
  static final int MAX_RULES = 1_000;
  static final int MAX_VALUES = 4_000;
  static final int MAX_ASGS = 10;
  static final int MAX_DESCRIPTION = 140;
  static final int MIN_PRIORITY = 100;
  static final int MAX_PRIORITY = 4_096;

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,78}[A-Za-z0-9_])?");
  private static final Pattern SERVICE_TAG =
      Pattern.compile("[A-Za-z][A-Za-z0-9_]*(\\.[A-Za-z0-9_]+)*");

  private NsgPatterns() {}

  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /** An asterisk or a word such as {@code VirtualNetwork} or {@code Storage.WestEurope}. */
  static boolean isTag(String value) {
    return value.equals("*") || SERVICE_TAG.matcher(value).matches();
  }

  static boolean isAddress(String value) {
    Cidr cidr = Cidr.parse(value);
    return cidr != null && cidr.hasNoHostBits();
  }

  static boolean isPorts(String value) {
    return PortRange.parse(value) != null;
  }
}
