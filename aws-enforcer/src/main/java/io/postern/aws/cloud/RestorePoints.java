package io.postern.aws.cloud;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postern.aws.domain.Displaced;
import io.postern.aws.domain.Peer;
import io.postern.aws.domain.Permission;
import io.postern.enforcement.domain.RestorePoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What is owed to a group, as it stands on the log: one JSON document for each displaced rule. */
final class RestorePoints {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RestorePoints() {}

  static Optional<RestorePoint> write(List<Displaced> owed) {
    if (owed.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new RestorePoint(
            owed.stream()
                .map(
                    d ->
                        new RestorePoint.Displaced(
                            d.permission().toString(), document(d).toString()))
                .toList()));
  }

  private static ObjectNode document(Displaced d) {
    ObjectNode node = permission(d.permission());
    d.description().ifPresent(text -> node.put("description", text));
    ObjectNode tags = node.putObject("tags");
    new TreeMap<>(d.tags()).forEach(tags::put);
    var standIns = node.putArray("standIns");
    d.standIns().stream().sorted().forEach(p -> standIns.add(permission(p)));
    return node;
  }

  private static ObjectNode permission(Permission p) {
    ObjectNode node = JSON.createObjectNode();
    node.put("protocol", p.protocol()).put("from", p.from()).put("to", p.to());
    node.put("peerKind", p.peer().kind().name()).put("peer", p.peer().value());
    if (!p.peer().owner().isEmpty()) {
      node.put("peerOwner", p.peer().owner());
    }
    return node;
  }

  /**
   * @throws IllegalStateException when a document is not one of ours: nothing may be written then
   */
  static List<Displaced> read(Optional<RestorePoint> recorded) {
    List<Displaced> owed = new ArrayList<>();
    for (RestorePoint.Displaced d : recorded.orElse(RestorePoint.NOTHING).displaced()) {
      try {
        owed.add(displaced(JSON.readTree(d.document())));
      } catch (JsonProcessingException | IllegalArgumentException e) {
        throw new IllegalStateException("cannot read what is owed: " + d.id(), e);
      }
    }
    return owed;
  }

  private static Displaced displaced(JsonNode node) {
    Map<String, String> tags = new TreeMap<>();
    node.path("tags").fields().forEachRemaining(f -> tags.put(f.getKey(), f.getValue().asText()));
    Set<Permission> standIns = new HashSet<>();
    node.path("standIns").forEach(p -> standIns.add(permission(p)));
    Optional<String> description =
        node.hasNonNull("description")
            ? Optional.of(node.path("description").asText())
            : Optional.empty();
    return new Displaced(permission(node), description, tags, standIns);
  }

  private static Permission permission(JsonNode node) {
    if (!node.path("protocol").isTextual()
        || !node.path("from").isInt()
        || !node.path("to").isInt()) {
      throw new IllegalArgumentException("no protocol and ports");
    }
    return new Permission(
        node.path("protocol").asText(),
        node.path("from").asInt(),
        node.path("to").asInt(),
        new Peer(
            Peer.Kind.valueOf(node.path("peerKind").asText()),
            node.path("peer").asText(),
            node.path("peerOwner").asText("")));
  }
}
