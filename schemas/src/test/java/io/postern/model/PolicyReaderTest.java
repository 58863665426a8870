package io.postern.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postern.log.Convert;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyReaderTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static ObjectNode document() {
    return (ObjectNode)
        json(
            """
            {"schemaVersion": 1, "name": "production-ssh",
             "machines": [
               {"id": "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890"},
               {"azure": {"subscription": "00000000-0000-0000-0000-000000000001",
                          "resourceGroup": "shop", "tags": {"env": "prod"}, "name": "web-*"}},
               {"aws": {"account": "123456789012", "region": "eu-west-1", "tags": {"tier": "db"}}}],
             "ports": [
               {"port": 22, "protocol": "TCP", "sources": ["*"], "maxDuration": "PT3H"},
               {"port": "5985-5986", "protocol": "TCP", "sources": ["198.51.100.0/24"], "maxDuration": "PT1H"}],
             "requestors": {"groups": ["sre"], "subjects": ["pat"], "identities": [{"issuer": "https://idp", "subject": "kim"}]},
             "justification": {"required": true, "pattern": "INC-[0-9]+"},
             "approval": {"levels": [{"anyOf": {"groups": ["leads"], "identities": [{"issuer": "https://idp", "subject": "lee"}]}, "count": 2},
                                     {"allOf": {"groups": ["owners"], "subjects": ["erin"],
                                                 "identities": [{"issuer": "https://idp", "subject": "erin"}]}}], "timeout": "PT30M"},
             "extension": {"maxTotal": "PT8H"}, "reminder": "PT10M", "condition": "'oncall' in requestor.groups",
             "breakGlass": {"groups": ["oncall"], "identities": [{"issuer": "https://idp", "subject": "sam"}], "maxDuration": "PT30M"},
             "windows": [{"days": ["MONDAY", "friday"], "from": "08:00", "to": "18:30", "zone": "Europe/Berlin"},
                         {"from": "22:00"}],
             "existingRules": "priority", "sharedGroups": "refuse", "fullInterfaces": "standing"}
            """);
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static List<String> wrongFields(JsonNode document) {
    return PolicyReader.read(document, null).errors().stream().map(FieldError::field).toList();
  }

  private static ObjectNode firstPort(ObjectNode document) {
    return (ObjectNode) ((ArrayNode) document.get("ports")).get(0);
  }

  @Test
  void readsWhatItWritesAndWhatItSends() {
    Policy policy = PolicyReader.read(document(), "production-ssh").policy().orElseThrow();
    Policy again = PolicyReader.read(PolicyWriter.write(policy), null).policy().orElseThrow();
    Policy sent = Convert.toModel(Convert.toEvent(policy), 0);
    assertThat(List.of(again, sent))
        .allSatisfy(
            p ->
                assertThat(p)
                    .usingRecursiveComparison()
                    .ignoringFields("justificationPattern")
                    .isEqualTo(policy));
    assertThat(sent.terms().fullInterfaces()).isEqualTo(PolicyTerms.FullInterfaces.STANDING);
    assertThat(sent.justificationPattern().orElseThrow().pattern()).isEqualTo("INC-[0-9]+");
  }

  @Test
  void namesEveryFieldThatIsWrong() {
    ObjectNode d = document();
    d.put("schemaVersion", 2)
        .put("name", "no blanks")
        .put("existingRules", "maybe")
        .put("fullInterfaces", "no");
    firstPort(d).put("port", "22-20").put("maxDuration", "3h");
    ((ObjectNode) ((ArrayNode) d.get("ports")).get(1)).putArray("sources").add("198.51.100.1/24");
    ((ObjectNode) d.get("machines").get(0)).put("id", "web-01");
    d.putObject("requestors");
    assertThat(wrongFields(d))
        .containsExactlyInAnyOrder(
            "schemaVersion",
            "name",
            "existingRules",
            "fullInterfaces",
            "ports[0].port",
            "ports[0].maxDuration",
            "ports[1].sources",
            "machines[0].id",
            "requestors");
  }

  @Test
  void aFieldThatIsNotEnforcedIsRefusedRatherThanBelieved() {
    ObjectNode d = document();
    d.putObject("recording").put("required", true);
    firstPort(d).put("maxSessions", 1);
    assertThat(wrongFields(d)).containsExactlyInAnyOrder("recording", "ports[0].maxSessions");
  }

  @Test
  void anIdentityHasAnIssuerAndASubject() {
    ObjectNode d = document();
    d.set(
        "requestors",
        json(
            """
            {"identities": [{"subject": "kim"}, {"issuer": "https://idp"},
                            {"issuer": "https://idp", "subject": "kim", "email": "k"}, "kim"]}
            """));
    assertThat(wrongFields(d))
        .contains(
            "requestors.identities[0]",
            "requestors.identities[1]",
            "requestors.identities[2].email",
            "requestors.identities[3]");
    d.set("requestors", json("{\"identities\": {}}"));
    assertThat(wrongFields(d)).contains("requestors.identities");
  }

  @Test
  void approvalNamesWhatIsWrongOfEachLevel() {
    ObjectNode d = document();
    d.set(
        "approval",
        json(
            """
            {"levels": [{"count": 1}, {"anyOf": {}}, {"allOf": {"groups": ["a"]}, "count": 0},
                        {"anyOf": {"subjects": ["bob"]}, "count": 2}],
             "timeout": "soon", "quorum": 1}
            """));
    assertThat(wrongFields(d))
        .containsExactlyInAnyOrder(
            "approval.levels[0]",
            "approval.levels[1].anyOf",
            "approval.levels[2].count",
            "approval.levels[3].count",
            "approval.timeout",
            "approval.quorum");
  }

  @Test
  void aPolicyThatDeniesHasNothingThatIsForAllowing() {
    ObjectNode d = document();
    d.put("effect", "deny");
    assertThat(wrongFields(d))
        .containsExactlyInAnyOrder(
            "approval",
            "extension",
            "reminder",
            "windows",
            "condition",
            "breakGlass",
            "fullInterfaces",
            "justification");
    d.remove(
        List.of(
            "approval",
            "extension",
            "reminder",
            "windows",
            "condition",
            "breakGlass",
            "fullInterfaces",
            "justification",
            "requestors"));
    Policy policy = PolicyReader.read(d, null).policy().orElseThrow();
    assertThat(policy.names(new Requestor("anybody", "", java.util.Set.of()))).isTrue();
    assertThat(PolicyReader.read(PolicyWriter.write(policy), null).policy()).contains(policy);
  }

  @Test
  void windowsNameWhatIsWrong() {
    ObjectNode d = document();
    d.set(
        "windows",
        json(
            """
            [{"days": ["Montag"], "from": "8", "to": "25:00", "zone": "Berlin"},
             {"from": "18:00", "to": "08:00", "until": 1}]
            """));
    assertThat(wrongFields(d))
        .containsExactlyInAnyOrder(
            "windows[0].days",
            "windows[0].from",
            "windows[0].to",
            "windows[0].zone",
            "windows[1].to",
            "windows[1].until");
  }

  @Test
  void portsMustNotOverlap() {
    ObjectNode d = document();
    firstPort(d).put("port", "5980-5990");
    assertThat(wrongFields(d)).containsExactly("ports[1].port");
  }

  @Test
  void theNameMustBeTheOneItIsPutUnder() {
    assertThat(PolicyReader.read(document(), "other").errors())
        .extracting(FieldError::field)
        .containsExactly("name");
  }

  @Test
  void whatIsNoObjectIsRefused() {
    assertThat(wrongFields(json("[]"))).containsExactly("");
    assertThat(wrongFields(json("{\"machines\": 1, \"ports\": {}}"))).contains("machines", "ports");
  }
}
