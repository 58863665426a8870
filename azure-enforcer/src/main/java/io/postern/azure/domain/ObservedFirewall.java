package io.postern.azure.domain;

import java.util.List;
import java.util.Optional;

/**
 * An Azure Firewall as read.
 *
 * @param exists false when it is gone
 * @param failed whether Azure says that its last write failed
 * @param managedBy why classic rules cannot be written to it, a sentence's end; empty when they can
 * @param publicAddresses its own, sorted
 */
public record ObservedFirewall(
    boolean exists,
    String etag,
    boolean failed,
    Optional<String> managedBy,
    List<String> publicAddresses,
    List<FirewallCollection> collections) {
  /** A firewall that is gone. */
  public static final ObservedFirewall GONE =
      new ObservedFirewall(false, "", false, Optional.empty(), List.of(), List.of());

  public ObservedFirewall {
    publicAddresses = List.copyOf(publicAddresses);
    collections = List.copyOf(collections);
  }
}
