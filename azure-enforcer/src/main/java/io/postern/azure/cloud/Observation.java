package io.postern.azure.cloud;

import io.postern.azure.domain.Hops;
import io.postern.azure.domain.ObservedFirewall;
import io.postern.azure.domain.ObservedNsg;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** A rule set as read, and the document that it was read from; missing when it is gone. */
public sealed interface Observation {
  JsonNode document();

  /** The ways through firewalls, as the last inventory before the reading saw them. */
  Hops hops();

  /** As a condition of a write. */
  String etag();

  /** A network security group. */
  record OfNsg(ObservedNsg nsg, JsonNode document, Hops hops) implements Observation {
    static OfNsg gone(Hops hops) {
      return new OfNsg(ObservedNsg.GONE, MissingNode.getInstance(), hops);
    }

    @Override
    public String etag() {
      return nsg.etag();
    }
  }

  /** An Azure Firewall. */
  record OfFirewall(ObservedFirewall firewall, JsonNode document, Hops hops)
      implements Observation {
    static OfFirewall gone(Hops hops) {
      return new OfFirewall(ObservedFirewall.GONE, MissingNode.getInstance(), hops);
    }

    @Override
    public String etag() {
      return firewall.etag();
    }
  }
}
