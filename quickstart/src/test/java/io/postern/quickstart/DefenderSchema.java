package io.postern.quickstart;

import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Objects;

/** Microsoft's own description of the answers of {@code jitNetworkAccessPolicies}. */
final class DefenderSchema {
  private static final JsonSchemaFactory FACTORY =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4);

  private DefenderSchema() {}

  /**
   * What is wrong with an answer.
   *
   * @param definition of the document that it must be, or {@code CloudError}
   */
  static List<String> violations(String definition, String json) {
    String file =
        definition.equals("CloudError")
            ? "common/v1/types.json"
            : "Microsoft.Security/stable/2020-01-01/jitNetworkAccessPolicies.json";
    try {
      URI home = Objects.requireNonNull(DefenderSchema.class.getResource("/azure/" + file)).toURI();
      return FACTORY
          .getSchema(SchemaLocation.of(home + "#/definitions/" + definition))
          .validate(json, com.networknt.schema.InputFormat.JSON)
          .stream()
          .map(ValidationMessage::getMessage)
          .toList();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
