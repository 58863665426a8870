package io.postern.audit.story;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.postern.audit.domain.Place;
import io.postern.event.AccessExpired;
import io.postern.event.AccessGranted;
import io.postern.log.AvroFraming;
import io.postern.log.Topic;
import io.postern.log.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What is told to a SIEM, held against what OCSF 1.5.0 requires of each class. */
class OcsfTest {
  private static final JsonSchema SCHEMA = schema();

  static {
    // Has Avro trust our classes, which whoever decodes an event has done by then.
    AvroFraming.subject("any", AccessGranted.getClassSchema());
  }

  private static JsonSchema schema() {
    try {
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
          .getSchema(Files.readString(Path.of("../docs/ocsf.schema.json")), InputFormat.JSON);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> violations(ObjectNode event) {
    return SCHEMA.validate(event.toString(), InputFormat.JSON).stream()
        .map(ValidationMessage::getMessage)
        .toList();
  }

  private static ObjectNode told(Topic topic, SpecificRecord event, Optional<String> disbelieved) {
    return Ocsf.of(
        new Told(new Place(topic.name(), 1), 7, Instant.EPOCH, event, "somebody", disbelieved));
  }

  @Test
  void everyEventOfTheCatalogueIsAnEventOfItsClass() throws Exception {
    Set<Integer> classes = new TreeSet<>();
    for (Topic topic : Topics.ALL) {
      for (Class<? extends SpecificRecord> type : topic.events()) {
        Schema schema = SpecificData.getForClass(type).getSchema(type);
        for (SpecificRecord event : List.of(Samples.of(schema), Samples.bare(schema))) {
          ObjectNode json = told(topic, event, Optional.empty());
          assertThat(violations(json)).as("%s: %s", type.getSimpleName(), json).isEmpty();
          ObjectNode forged = told(topic, event, Optional.of("UNSIGNED"));
          assertThat(violations(forged)).as("%s: %s", type.getSimpleName(), forged).isEmpty();
          classes.add(json.path("class_uid").intValue());
        }
      }
    }
    assertThat(classes).containsExactly(3004, 3005, 6003);
  }

  @Test
  void whatIsNoEventOfItsClassIsFound() throws Exception {
    SpecificRecord expired = Samples.of(AccessExpired.getClassSchema());
    for (String required : List.of("user", "privileges", "metadata", "time", "severity_id")) {
      ObjectNode json = told(Topics.EXPIRATIONS, expired, Optional.empty());
      json.remove(required);
      assertThat(violations(json)).as(required).isNotEmpty();
    }
    ObjectNode json = told(Topics.EXPIRATIONS, expired, Optional.empty());
    json.put("type_uid", 300501);
    assertThat(violations(json)).as("another activity's").isNotEmpty();
    json = told(Topics.EXPIRATIONS, expired, Optional.empty());
    json.put("severity", "High");
    assertThat(violations(json)).as("another severity's").isNotEmpty();
    json = told(Topics.EXPIRATIONS, expired, Optional.empty());
    json.put("grant", "g");
    assertThat(violations(json)).as("no attribute of the class").isNotEmpty();
  }
}
