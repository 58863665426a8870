package io.postern.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** docs/policy.schema.json has the fields that the reader has: no more, no fewer. */
class PolicySchemaTest {
  private static Map<String, Set<String>> published() throws IOException {
    Map<String, Set<String>> fields = new TreeMap<>();
    collect(
        new ObjectMapper().readTree(Path.of("../docs/policy.schema.json").toFile()), "", fields);
    return fields;
  }

  private static void collect(JsonNode schema, String path, Map<String, Set<String>> fields) {
    if (schema.has("properties")) {
      assertThat(schema.path("additionalProperties").asBoolean(true)).as(path).isFalse();
      Set<String> names = new TreeSet<>();
      schema
          .path("properties")
          .fields()
          .forEachRemaining(
              f -> {
                names.add(f.getKey());
                collect(
                    f.getValue(), path.isEmpty() ? f.getKey() : path + "." + f.getKey(), fields);
              });
      fields.put(path, names);
    }
    if (schema.has("items")) {
      collect(schema.path("items"), path + "[]", fields);
    }
  }

  @Test
  void everyFieldOfTheReaderIsPublishedAndTheOtherWayRound() throws IOException {
    Map<String, Set<String>> read = new TreeMap<>();
    PolicyReader.fields(PolicyReaderTest.document())
        .forEach((path, names) -> read.put(path, new TreeSet<>(names)));
    assertThat(published()).isEqualTo(read);
  }
}
