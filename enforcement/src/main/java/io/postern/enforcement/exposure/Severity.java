package io.postern.enforcement.exposure;

/** How far a machine's ports are open beyond what grants allow; in rising order. */
public enum Severity {
  UNKNOWN,
  NONE,
  LOW,
  MEDIUM,
  HIGH,
  CRITICAL
}
