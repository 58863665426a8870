package io.postern.azure.domain;

import io.postern.azure.domain.FirewallCollection.Action;
import io.postern.azure.domain.FirewallCollection.Kind;

/** A step in an Azure Firewall with classic rules. */
public sealed interface FirewallStep extends AzureStep {

  /** Creates a collection of ours or moves it; its rules stay. */
  record PlaceCollection(Kind kind, String collection, Action action, int priority)
      implements FirewallStep {}

  /** Creates a rule of ours in a collection of ours, or replaces it. */
  record PutRule(Kind kind, String collection, FirewallRule rule) implements FirewallStep {}

  /** Takes a rule of ours away; a collection that it leaves empty goes with it. */
  record DeleteRule(Kind kind, String collection, String name) implements FirewallStep {}

  /** Puts the firewall as it is: Azure says of it that its last write failed. */
  record PutAgain() implements FirewallStep {}

  @Override
  default boolean opens() {
    return switch (this) {
      case PlaceCollection place -> place.action() != Action.DENY;
      case PutRule put -> !put.collection().startsWith(FirewallOwnership.DENY);
      case DeleteRule delete -> false;
      case PutAgain again -> false;
    };
  }

  @Override
  default boolean takesAway() {
    return this instanceof DeleteRule;
  }
}
