package io.postern.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class PolicyFileTest {
  @TempDir Path directory;

  private PolicyFile file(String text) throws Exception {
    return PolicyFile.read(Files.writeString(directory.resolve("p.yaml"), text));
  }

  private static CliException refused(String... fields) {
    ObjectNode problem = JsonMapper.shared().createObjectNode();
    for (String field : fields) {
      problem
          .withArray("errors")
          .addObject()
          .put("field", field)
          .put("rule", "must be right")
          .put("given", "x");
    }
    return new CliException(Exit.USAGE, "wrong", 400, problem);
  }

  @Test
  void namesFileLineFieldAndRule() throws Exception {
    PolicyFile policy =
        file(
            """
            # a comment
            name: web
            ports:
              - port: 22
                maxDuration: PT30H
              - {port: 23, sources: ["nonsense"]}
            """);
    assertThat(policy.wrong(refused("ports[0].maxDuration", "ports[1].sources", "machines")))
        .hasMessage(
            """
            %1$s:5: ports[0].maxDuration must be right, given x
            %1$s:6: ports[1].sources must be right, given x
            %1$s:2: machines must be right, given x"""
                .formatted(policy.file()));
  }

  @Test
  void namesTheLineWhereItIsNoYaml() {
    assertThatThrownBy(() -> file("name: web\nports: [\n  - }\n"))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("p.yaml:3: is no YAML");
    assertThatThrownBy(() -> file("name: web\nname: db\n")).hasMessageContaining("p.yaml:2");
    assertThatThrownBy(() -> file("ports: []\n").name()).hasMessageContaining("name must be given");
  }

  @Test
  void takesThePoliciesOfADirectoryByName() throws Exception {
    for (String name : List.of("b.yml", "a.yaml", "c.json", "notes.txt")) {
      Files.writeString(directory.resolve(name), "name: x");
    }
    assertThat(PolicyFile.in(directory))
        .extracting(p -> p.getFileName().toString())
        .containsExactly("a.yaml", "b.yml", "c.json");
  }

  private static List<ObjectNode> imported(String text) {
    JsonNode resource = JsonMapper.shared().readTree(text);
    return DefenderPolicy.read(resource, List.of("sre"), true);
  }

  private static final String VM = "/subscriptions/s/resourceGroups/g/providers/x/virtualMachines/";
  private static final String SSH =
      """
      {"number":22,"protocol":"*","allowedSourceAddressPrefix":"*","maxRequestAccessDuration":"PT3H"}""";
  private static final String RDP =
      """
      {"number":3389,"protocol":"TCP","allowedSourceAddressPrefixes":["198.51.100.0/24","2001:db8::/32"],
      "maxRequestAccessDuration":"PT1H"}""";

  private static String vm(String name, String ports) {
    return "{\"id\":\"%s%s\",\"ports\":[%s]}".formatted(VM, name, ports);
  }

  private static String policy(String... machines) {
    return "{\"kind\":\"Basic\",\"name\":\"Default\",\"properties\":{\"virtualMachines\":["
        + String.join(",", machines)
        + "]}}";
  }

  @Test
  void aPolicyOfDefendersBecomesOneOfOurs() {
    List<ObjectNode> ours = imported(policy(vm("a", SSH + "," + RDP), vm("b", SSH + "," + RDP)));
    assertThat(ours).hasSize(1);
    assertThat((JsonNode) ours.get(0))
        .isEqualTo(
            JsonMapper.shared()
                .readTree(
                    """
                    {"schemaVersion": 1, "name": "default", "machines": [{"id": "%1$sa"}, {"id": "%1$sb"}],
                     "ports": [
                       {"port": 22, "protocol": "ANY", "sources": ["*"], "maxDuration": "PT3H"},
                       {"port": 3389, "protocol": "TCP", "sources": ["198.51.100.0/24", "2001:db8::/32"],
                        "maxDuration": "PT1H"}],
                     "requestors": {"groups": ["sre"]}, "cloudPermission": true}"""
                        .formatted(VM)));
  }

  @Test
  void machinesWithOtherPortsBecomeAPolicyOfTheirOwn() {
    assertThat(imported(policy(vm("a", SSH), vm("b", RDP), vm("c", SSH))))
        .extracting(p -> p.path("name").asString("") + p.path("machines").size())
        .containsExactly("default2", "default-21");
    assertThat(imported("{\"value\":[" + policy(vm("a", SSH)) + "]}")).hasSize(1);
  }

  @Test
  void whatIsNoPolicyOfDefendersIsNamed() {
    assertThatThrownBy(() -> imported("{}")).hasMessageContaining("name must be given");
    assertThatThrownBy(() -> imported(policy())).hasMessageContaining("virtualMachines");
    assertThatThrownBy(() -> imported(policy(vm("a", "{\"number\":\"22\"}"))))
        .hasMessageContaining("properties.virtualMachines[0].ports[0].number");
  }
}
