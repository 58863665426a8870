package io.postern.azure.domain;

import java.util.List;

/**
 * A network security group as read.
 *
 * @param exists false when it is gone
 * @param etag of the group and of each of its rules
 * @param rules those that people and programs wrote, without Azure's default rules
 * @param flushes whether connections that its rules no longer allow are ended
 */
public record ObservedNsg(boolean exists, String etag, List<NsgRule> rules, boolean flushes) {
  /** A group that is gone. */
  public static final ObservedNsg GONE = new ObservedNsg(false, "", List.of());

  /** One that leaves established connections alone. */
  public ObservedNsg(boolean exists, String etag, List<NsgRule> rules) {
    this(exists, etag, rules, false);
  }

  public ObservedNsg {
    rules = List.copyOf(rules);
  }
}
