package io.postern.simulator.arm;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One resource at one moment; documents in it are never changed in place.
 *
 * @param doc what GET shows, without what the simulator computes: ids, ETag, state, children
 * @param inEffect what packets meet: the document before the running operation, null for nothing
 * @param etag of a top-level resource; its children show the same
 * @param state the provisioning state
 * @param operation the id of the running operation, or null
 */
record Stored(
    ResourceId id,
    ObjectNode doc,
    @Nullable ObjectNode inEffect,
    String etag,
    String state,
    @Nullable String operation) {

  static final String SUCCEEDED = "Succeeded";
  static final String UPDATING = "Updating";
  static final String DELETING = "Deleting";
  static final String FAILED = "Failed";

  static Stored settled(ResourceId id, ObjectNode doc, String etag) {
    return new Stored(id, doc, doc, etag, SUCCEEDED, null);
  }

  static Stored updating(
      ResourceId id, ObjectNode doc, @Nullable Stored before, String etag, String operation) {
    return new Stored(id, doc, before == null ? null : before.inEffect, etag, UPDATING, operation);
  }

  Stored deleting(String byOperation) {
    return new Stored(id, doc, inEffect, etag, DELETING, byOperation);
  }

  Stored withEtag(String newEtag) {
    return new Stored(id, doc, inEffect, newEtag, state, operation);
  }

  Stored withOperation(String newOperation) {
    return new Stored(id, doc, inEffect, etag, state, newOperation);
  }

  Stored succeeded() {
    return settled(id, doc, etag);
  }

  Stored failed() {
    return new Stored(id, doc, inEffect, etag, FAILED, null);
  }

  JsonNode properties() {
    return doc.path("properties");
  }
}
