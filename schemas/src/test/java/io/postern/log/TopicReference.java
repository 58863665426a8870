package io.postern.log;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.avro.Schema;

/** Writes docs/topics.md from the catalogue and the schemas. */
final class TopicReference {
  private static final String HEAD =
      """
      # Topics and fields

      <!-- Generated from the catalogue and the schemas; change those. -->

      What is on each topic, field by field. [asyncapi.yaml](asyncapi.yaml) is the same contract for machines, and says what headers,
      keys and partitions mean; [guide-publish-a-request.md](guide-publish-a-request.md) is the way in.

      ## The promise

      - Old and new read each other, across all versions ever released (FULL_TRANSITIVE). The registry refuses anything else, and the
        build compares with the last release. So fields come only with a default, go only if they had one, and keep name
        and type; enums keep their symbols.
      - A topic keeps its name, its key and its partitioning. What cannot be done so gets a new topic beside the old one.
      - New event types may appear on a topic. Skip what you do not know: the header `ce_type` names the type without decoding.
      - The wording of texts for people (`message`, `detail`, `justification`) is not part of the promise. Names of checks and codes are: they may grow in number, and keep their meaning.
      - `jit.vetted` is internal and has no promise.

      Times are UTC with microseconds; ids are UUIDs as text; `null` and a default mean that a field may be absent. The key of a record is text in UTF-8.
      """;

  private final StringBuilder out = new StringBuilder(HEAD);
  private final Map<String, Schema> parts = new TreeMap<>();

  private TopicReference() {}

  static String generate() {
    TopicReference reference = new TopicReference();
    reference.overview();
    Topics.ALL.forEach(reference::topic);
    reference.parts();
    return reference.out.toString();
  }

  private void line(String text) {
    out.append(text).append('\n');
  }

  private void overview() {
    line("\n## Overview\n");
    line("| topic | key | partitioned by | kept | written by | read by |");
    line("|---|---|---|---|---|---|");
    for (Topic t : Topics.ALL) {
      line(
          "| [`%s`](#%s) | %s | %s | %s | %s | %s |"
              .formatted(
                  t.name(),
                  t.name().replace(".", ""),
                  t.key(),
                  t.partitionedBy() == Topic.PartitionedBy.KEY ? "key" : "scope",
                  t.cleanup() == Topic.Cleanup.COMPACT ? "latest per key" : "for a time",
                  t.writer().replace(",", ", "),
                  String.join(", ", t.readers())));
    }
    own();
  }

  private void own() {
    Topic own = Topics.ofProducer("name");
    line(
        "\n`%s<producer>` is like `%s`, but that one producer alone may write it, and needs no signature there."
            .formatted(own.name().replace("name", ""), own.family()));
  }

  private void topic(Topic topic) {
    line("\n## %s".formatted(topic.name()));
    topic.events().stream().map(EventTypes::schemaOf).forEach(this::record);
  }

  private void parts() {
    line("\n## Parts");
    // What a part is made of may add parts: until there is none left.
    Map<String, Schema> done = new LinkedHashMap<>();
    for (Set<String> left = left(done); !left.isEmpty(); left = left(done)) {
      String next = left.stream().sorted().toList().get(0);
      Schema part = Objects.requireNonNull(parts.get(next));
      done.put(next, part);
      collect(part);
    }
    new TreeMap<>(done).values().forEach(this::part);
  }

  private Set<String> left(Map<String, Schema> done) {
    return parts.keySet().stream()
        .filter(n -> !done.containsKey(n))
        .collect(Collectors.toUnmodifiableSet());
  }

  private void collect(Schema schema) {
    if (schema.getType() == Schema.Type.RECORD) {
      schema.getFields().forEach(f -> type(f.schema()));
    }
  }

  private void part(Schema schema) {
    if (schema.getType() == Schema.Type.RECORD) {
      record(schema);
    } else {
      line("\n### %s\n\n%s\n".formatted(schema.getName(), schema.getDoc()));
      line(
          "One of "
              + schema.getEnumSymbols().stream()
                  .map(s -> "`" + s + "`")
                  .collect(Collectors.joining(", "))
              + ".");
    }
  }

  private void record(Schema schema) {
    line("\n### %s\n\n%s\n".formatted(schema.getName(), schema.getDoc()));
    line("| field | type | default | meaning |");
    line("|---|---|---|---|");
    for (Schema.Field f : schema.getFields()) {
      line(
          "| `%s` | %s | %s | %s |"
              .formatted(f.name(), type(f.schema()), defaultOf(f), f.doc().replace("|", "\\|")));
    }
  }

  private static String defaultOf(Schema.Field field) {
    if (!field.hasDefaultValue()) {
      return "";
    }
    Object value =
        field.defaultVal() instanceof byte[] bytes
            ? new String(bytes, StandardCharsets.ISO_8859_1)
            : field.defaultVal();
    return value == org.apache.avro.JsonProperties.NULL_VALUE ? "null" : "`" + value + "`";
  }

  private String type(Schema schema) {
    return switch (schema.getType()) {
      case RECORD, ENUM -> {
        parts.put(schema.getName(), schema);
        yield "[%s](#%s)"
            .formatted(schema.getName(), schema.getName().toLowerCase(java.util.Locale.ROOT));
      }
      case ARRAY -> "list of " + type(schema.getElementType());
      case MAP -> "map to " + type(schema.getValueType());
      case UNION -> schema.getTypes().stream().map(this::type).collect(Collectors.joining(" or "));
      default ->
          schema.getLogicalType() == null
              ? schema.getType().getName()
              : schema.getLogicalType().getName();
    };
  }

  /** The names of the parts that a reader needs, for tests. */
  static List<String> headings(String text) {
    return text.lines().filter(l -> l.startsWith("### ")).map(l -> l.substring(4)).toList();
  }
}
