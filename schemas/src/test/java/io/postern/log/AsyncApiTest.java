package io.postern.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The published contract says of the topics what the catalogue says, no more and no less. */
class AsyncApiTest {
  private static final Path FILE = Path.of("../docs/asyncapi.yaml");

  // The channel of the topics that a producer alone may write: a family, named by a parameter.
  private static final String OWN = "producersOwn";

  private static Map<String, Object> api = Map.of();

  /** What both sides say of a topic. */
  private record Channel(
      String key,
      String partitionedBy,
      String cleanup,
      List<String> writers,
      List<String> readers,
      List<String> messages) {}

  @BeforeAll
  static void read() throws IOException {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    api = map(new Yaml(new SafeConstructor(options)).load(Files.readString(FILE)));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object node) {
    assertThat(node).isInstanceOf(Map.class);
    return (Map<String, Object>) node;
  }

  private static Object at(Map<String, Object> node, String... path) {
    Object found = node;
    for (String name : path) {
      found = Objects.requireNonNull(map(found).get(name), name + " of " + String.join("/", path));
    }
    return found;
  }

  private static Map<String, Object> mapAt(Map<String, Object> node, String... path) {
    return map(at(node, path));
  }

  @SuppressWarnings("unchecked")
  private static List<String> texts(Object node) {
    assertThat(node).isInstanceOf(List.class);
    return (List<String>) node;
  }

  private static Channel said(Map<String, Object> channel) {
    return new Channel(
        String.valueOf(channel.get("x-key")),
        String.valueOf(channel.get("x-partitioned-by")),
        String.join(
            ",", texts(at(channel, "bindings", "kafka", "topicConfiguration", "cleanup.policy"))),
        texts(at(channel, "x-writers")),
        texts(at(channel, "x-readers")),
        List.copyOf(mapAt(channel, "messages").keySet()));
  }

  private static Channel meant(Topic topic) {
    return new Channel(
        topic.key(),
        topic.partitionedBy().name().toLowerCase(Locale.ROOT),
        topic.cleanup().name().toLowerCase(Locale.ROOT),
        List.of(topic.writer().split(",", -1)),
        topic.readers(),
        topic.events().stream().map(Class::getSimpleName).toList());
  }

  @Test
  void itsChannelsAreTheTopicsOfTheCatalogue() {
    Map<String, Channel> said = new LinkedHashMap<>();
    mapAt(api, "channels")
        .forEach(
            (name, channel) -> {
              assertThat(map(channel).get("address"))
                  .isEqualTo(name.equals(OWN) ? "jit.requests.{producer}" : name);
              said.put(name, said(map(channel)));
            });
    Map<String, Channel> meant = new LinkedHashMap<>();
    Topics.ALL.forEach(t -> meant.put(t.name(), meant(t)));
    meant.put(OWN, meant(Topics.ofProducer("producer")));
    assertThat(said).containsExactlyInAnyOrderEntriesOf(meant);
  }

  @Test
  void itsMessagesAreTheEventsOfTheCatalogueWithTheirKeys() {
    Map<String, String> keys = new HashMap<>();
    for (Topic topic : Topics.ALL) {
      for (Class<? extends SpecificRecord> type : topic.events()) {
        keys.put(type.getSimpleName(), topic.key());
      }
    }
    Map<String, Object> messages = mapAt(api, "components", "messages");
    assertThat(messages.keySet()).containsExactlyInAnyOrderElementsOf(keys.keySet());
    keys.forEach(
        (name, key) -> {
          Map<String, Object> message = mapAt(messages, name);
          assertThat(message.get("name")).isEqualTo("io.postern.event." + name);
          assertThat(at(message, "payload", "schema", "$ref"))
              .isEqualTo("../schemas/src/main/avro/" + name + ".avsc");
          Map<String, Object> bindings = mapAt(message, "bindings");
          assertThat(at(map(local((String) at(bindings, "$ref"))), "kafka", "key", "description"))
              .as("key of " + name)
              .isEqualTo(key);
        });
  }

  @Test
  void whatItSaysOfAMessageIsItsSchemasDoc() {
    Map<String, Object> messages = mapAt(api, "components", "messages");
    for (Topic topic : Topics.ALL) {
      for (Class<? extends SpecificRecord> type : topic.events()) {
        assertThat(mapAt(messages, type.getSimpleName()).get("summary"))
            .isEqualTo(EventTypes.schemaOf(type).getDoc());
      }
    }
  }

  @Test
  void everyChannelHasOneOperationThatReceivesWhereAnyoneMayWrite() {
    Map<String, String> said = new HashMap<>();
    mapAt(api, "operations")
        .values()
        .forEach(
            operation -> {
              String channel = (String) at(map(operation), "channel", "$ref");
              String action = (String) at(map(operation), "action");
              assertThat(said.put(channel, action)).as("second operation of " + channel).isNull();
            });
    Map<String, String> meant = new HashMap<>();
    Topics.ALL.forEach(
        t ->
            meant.put(
                "#/channels/" + t.name(), t.writer().equals(Topics.ANYONE) ? "receive" : "send"));
    meant.put("#/channels/" + OWN, "receive");
    assertThat(said).isEqualTo(meant);
  }

  @Test
  void itsHeadersAreTheOnesThatTheCodecWrites() {
    assertThat(mapAt(api, "components", "schemas", "EventHeaders", "properties").keySet())
        .containsExactlyInAnyOrder(
            Headers.SPEC_VERSION,
            Headers.ID,
            Headers.TYPE,
            Headers.SOURCE,
            Headers.TIME,
            Headers.SUBJECT,
            Headers.CONTENT_TYPE,
            Headers.TRACE_PARENT,
            Headers.SIGNATURE);
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    Set<String> references = new HashSet<>();
    collect(api, references);
    assertThat(references).hasSizeGreaterThan(40);
    for (String reference : references) {
      if (reference.startsWith("#/")) {
        assertThat(local(reference)).as(reference).isNotNull();
      } else {
        assertThat(FILE.resolveSibling(reference)).as(reference).isRegularFile();
      }
    }
  }

  private static Object local(String reference) {
    List<String> path = new ArrayList<>(List.of(reference.substring(2).split("/", -1)));
    return at(api, path.toArray(String[]::new));
  }

  private static void collect(Object node, Set<String> references) {
    if (node instanceof Map<?, ?> object) {
      object.forEach(
          (name, value) -> {
            if (name.equals("$ref")) {
              references.add((String) value);
            } else {
              collect(value, references);
            }
          });
    } else if (node instanceof List<?> list) {
      list.forEach(v -> collect(v, references));
    }
  }
}
