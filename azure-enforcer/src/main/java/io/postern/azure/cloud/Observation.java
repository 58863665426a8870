package io.postern.azure.cloud;

import io.postern.azure.domain.ObservedNsg;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * A group as read, and the document that it was read from.
 *
 * @param document missing when the group is gone
 */
public record Observation(ObservedNsg nsg, JsonNode document) {
  static final Observation GONE = new Observation(ObservedNsg.GONE, MissingNode.getInstance());
}
