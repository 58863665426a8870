package io.postern.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaParser;
import org.junit.jupiter.api.Test;

class CatalogueTest {
  private static List<Schema> events() {
    return Topics.ALL.stream()
        .flatMap(t -> t.events().stream())
        .distinct()
        .map(EventTypes::schemaOf)
        .toList();
  }

  @Test
  void everyRecordAndFieldIsExplained() {
    Set<String> seen = new HashSet<>();
    events().forEach(s -> assertExplained(s, seen));
    assertThat(seen).hasSizeGreaterThan(40);
  }

  private static void assertExplained(Schema schema, Set<String> seen) {
    switch (schema.getType()) {
      case RECORD -> {
        if (seen.add(schema.getFullName())) {
          assertThat(schema.getDoc()).as(schema.getFullName()).isNotBlank();
          for (Schema.Field f : schema.getFields()) {
            assertThat(f.doc()).as(schema.getFullName() + "." + f.name()).isNotBlank();
            assertExplained(f.schema(), seen);
          }
        }
      }
      case ENUM -> {
        if (seen.add(schema.getFullName())) {
          assertThat(schema.getDoc()).as(schema.getFullName()).isNotBlank();
        }
      }
      case ARRAY -> assertExplained(schema.getElementType(), seen);
      case MAP -> assertExplained(schema.getValueType(), seen);
      case UNION -> schema.getTypes().forEach(s -> assertExplained(s, seen));
      default -> {}
    }
  }

  @Test
  void everySchemaReadsWhatTheLastReleaseWroteAndTheOtherWayRound() throws IOException {
    Map<String, Schema> released = released();
    Map<String, Schema> current = new HashMap<>();
    events().forEach(s -> current.put(s.getFullName(), s));
    assertThat(current.keySet()).containsAll(released.keySet());
    released.forEach(
        (name, old) -> {
          Schema now = current.get(name);
          assertThat(SchemaCompatibility.checkReaderWriterCompatibility(now, old).getType())
              .as(name + " reads what the last release wrote")
              .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
          assertThat(SchemaCompatibility.checkReaderWriterCompatibility(old, now).getType())
              .as("the last release reads " + name)
              .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
        });
  }

  private static Map<String, Schema> released() throws IOException {
    Map<String, Schema> schemas = new HashMap<>();
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/released/0.1.0"))) {
      files.forEach(
          f -> {
            try {
              Schema schema = new SchemaParser().parse(Files.readString(f)).mainSchema();
              schemas.put(schema.getFullName(), schema);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    assertThat(schemas).isNotEmpty();
    return schemas;
  }

  @Test
  void whatIsRegisteredCarriesNoMarkOfJavasGenerator() {
    events()
        .forEach(
            s -> {
              String portable = SchemaRegistry.portable(s);
              assertThat(portable).doesNotContain("avro.java.string");
              assertThat(new SchemaParser().parse(portable).mainSchema().getFullName())
                  .isEqualTo(s.getFullName());
            });
  }

  @Test
  void aScopeHasOnePartition() {
    Scope scope = Scope.aws("123456789012", "eu-west-1");
    assertThat(Topics.partition(scope, 12)).isBetween(0, 11).isEqualTo(Topics.partition(scope, 12));
  }
}
