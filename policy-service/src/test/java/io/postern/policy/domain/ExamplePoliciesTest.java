package io.postern.policy.domain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.postern.model.Policy;
import io.postern.model.PolicyChecks;
import io.postern.model.PolicyReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The policies that ship are policies. */
class ExamplePoliciesTest {
  @Test
  void canBePut() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(Path.of("../examples/policies"))) {
      files = all.filter(f -> f.toString().endsWith(".yaml")).toList();
    }
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      Object document = new Yaml().load(Files.readString(file));
      PolicyReader.Result read = PolicyReader.read(new ObjectMapper().valueToTree(document), null);
      assertThat(read.errors()).as(file.toString()).isEmpty();
      Policy policy = read.policy().orElseThrow();
      assertThat(
              PolicyChecks.outside(
                  policy, OperatorBounds.DEFAULT.shortest(), OperatorBounds.DEFAULT.longest()))
          .isEmpty();
    }
  }
}
