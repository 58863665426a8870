package io.postern.azure.domain;

import java.util.List;

/**
 * A network security group as read.
 *
 * @param exists false when it is gone
 * @param etag of the group and of each of its rules
 * @param rules those that people and programs wrote, without Azure's default rules
 */
public record ObservedNsg(boolean exists, String etag, List<NsgRule> rules) {
  /** A group that is gone. */
  public static final ObservedNsg GONE = new ObservedNsg(false, "", List.of());

  public ObservedNsg {
    rules = List.copyOf(rules);
  }
}
