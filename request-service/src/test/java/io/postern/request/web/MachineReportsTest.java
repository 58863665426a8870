package io.postern.request.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.postern.event.Assessment;
import io.postern.event.AssessmentMode;
import io.postern.event.AssessmentReason;
import io.postern.event.Bypass;
import io.postern.event.DecidingRule;
import io.postern.event.ExposedSources;
import io.postern.event.MachineAssessed;
import io.postern.event.PortExposure;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.event.Severity;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PolicyReader;
import io.postern.model.PolicyWriter;
import io.postern.model.PortRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MachineReportsTest {
  private static final String WEB =
      "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890";
  private static final String SUBSCRIPTION = "00000000-0000-0000-0000-000000000001";
  private static final String VM =
      "/subscriptions/"
          + SUBSCRIPTION
          + "/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web-01";

  static PortExposure port(int port, ExposedSources... from) {
    return new PortExposure(new PortSelection(port, port, Protocol.TCP), true, List.of(from));
  }

  static ExposedSources from(List<String> grants, String... sources) {
    return new ExposedSources(
        List.of(sources),
        0,
        List.of(new DecidingRule("aws:123456789012:eu-west-1:sg-1", "sgr-1")),
        grants);
  }

  static MachineAssessed machine(String id, String name, PortExposure... exposure) {
    return machine(id, name, List.of(), exposure);
  }

  private static MachineAssessed machine(
      String id, String name, List<String> ruleSets, PortExposure... exposure) {
    return builder(id, name, ruleSets, exposure).build();
  }

  private static MachineAssessed.Builder builder(
      String id, String name, List<String> ruleSets, PortExposure... exposure) {
    return MachineAssessed.newBuilder()
        .setMachineId(id)
        .setScope("aws:123456789012:eu-west-1")
        .setName(name)
        .setTags(Map.of("tier", "web", "env", "prod"))
        .setPrivateAddresses(List.of("10.2.0.10"))
        .setPublicAddresses(List.of("54.220.1.10", "54.220.1.11"))
        .setRunning(true)
        .setRuleSets(ruleSets)
        .setAssessment(Assessment.UNHEALTHY)
        .setReason("22/TCP is open to the world by sg-1/sgr-1")
        .setAssessedAt(Instant.parse("2026-11-24T03:12:00Z"))
        .setMode(AssessmentMode.STRICT)
        .setReasonCode(AssessmentReason.LOCKED_BUT_BYPASSED)
        .setSeverity(Severity.CRITICAL)
        .setExposure(List.of(exposure))
        .setBypassedBy(List.of(new Bypass("aws:123456789012:eu-west-1:sg-1", "sgr-1", "x")));
  }

  @Test
  void aTableHasALineForEachMachineBelowItsHeads() {
    String csv =
        MachineReports.csv(
            List.of(
                machine(
                    WEB,
                    "web-01",
                    port(22, from(List.of(), "0.0.0.0/0")),
                    port(3389, from(List.of("g"), "203.0.113.7/32")))));
    assertThat(csv.split("\r\n", -1))
        .containsExactly(
            "id,name,scope,running,private_addresses,public_addresses,assessment,severity,reason_code,reason,unsupported,mode,assessed_at,open_ports,bypassed_by,tags",
            WEB
                + ",web-01,aws:123456789012:eu-west-1,true,10.2.0.10,54.220.1.10 54.220.1.11,UNHEALTHY,CRITICAL,LOCKED_BUT_BYPASSED,22/TCP is open to the world by sg-1/sgr-1,,STRICT,2026-11-24T03:12:00Z,22/TCP,sgr-1,env=prod tier=web",
            "");
  }

  @Test
  void whatOthersNamedIsNoFormulaAndBreaksNoLine() {
    String csv = MachineReports.csv(List.of(machine(WEB, "=HYPERLINK(\"http://x\",\"a\")\nb")));
    assertThat(csv).contains(",\"'=HYPERLINK(\"\"http://x\"\",\"\"a\"\")\nb\",");
    for (String name : List.of("+1", "-1", "@a", "\tx")) {
      assertThat(MachineReports.csv(List.of(machine(WEB, name)))).contains(",'" + name + ",");
    }
  }

  @Test
  void everyFindingIsAComplianceFindingOfOcsf() throws Exception {
    JsonSchema schema =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(Files.readString(Path.of("../docs/ocsf.schema.json")), InputFormat.JSON);
    for (String id : List.of(WEB, VM)) {
      for (Assessment assessment : Assessment.values()) {
        for (Severity severity : Severity.values()) {
          String finding =
              MachineReports.finding(
                  builder(id, "web-01", List.of(), port(22, from(List.of(), "0.0.0.0/0")))
                      .setAssessment(assessment)
                      .setSeverity(severity)
                      .build());
          assertThat(schema.validate(finding, InputFormat.JSON)).as(finding).isEmpty();
          assertThat(schema.validate(finding.replace("\"uid\"", "\"id\""), InputFormat.JSON))
              .isNotEmpty();
        }
      }
    }
  }

  @Test
  void aFindingSaysWhatWhereAndHowBad() {
    JsonNode finding =
        JsonMapper.shared()
            .readTree(
                MachineReports.finding(
                    machine(WEB, "web-01", port(22, from(List.of(), "0.0.0.0/0")))));
    assertThat(finding.path("class_uid").asInt()).isEqualTo(2003);
    assertThat(finding.path("category_uid").asInt()).isEqualTo(2);
    assertThat(finding.path("type_uid").asInt()).isEqualTo(200_302);
    assertThat(finding.path("severity_id").asInt()).isEqualTo(5);
    assertThat(finding.path("time").asLong()).isEqualTo(1_795_489_920_000L);
    assertThat(finding.path("compliance").path("status_id").asInt()).isEqualTo(3);
    assertThat(finding.path("resources").path(0).path("uid").asString()).isEqualTo(WEB);
    assertThat(finding.path("cloud").path("account").path("uid").asString())
        .isEqualTo("123456789012");
    assertThat(finding.path("cloud").path("region").asString()).isEqualTo("eu-west-1");
    assertThat(finding.path("unmapped").path("open").path(0).path("sources").path(0).asString())
        .isEqualTo("0.0.0.0/0");
    assertThat(finding.path("unmapped").path("open").path(0).path("rules").path(0).path("rule"))
        .hasToString("\"sgr-1\"");
  }

  @Test
  void suggestsThePortsThatAreOpenForThoseWhoReachThem() {
    Policy policy =
        SuggestedPolicy.of(
                new PolicyId("draft"),
                List.of(
                    machine(
                        WEB,
                        "web-01",
                        port(22, from(List.of(), "0.0.0.0/1", "128.0.0.0/1")),
                        port(3389, from(List.of("g"), "203.0.113.7/32"))),
                    machine(VM, "web-01", port(5986, from(List.of(), "198.51.100.0/24")))),
                Set.of("sre"))
            .orElseThrow();
    assertThat(policy.ports())
        .map(p -> p.ports() + " " + p.sources() + " " + p.maxDuration())
        .containsExactly("22/TCP [] PT3H", "5986/TCP [198.51.100.0/24] PT3H");
    assertThat(policy.machines()).hasSize(2);
    assertThat(policy.existingRules()).isEqualTo(Policy.ExistingRules.OVERRIDE);
    PolicyReader.Result again = PolicyReader.read(PolicyWriter.write(policy), "draft");
    assertThat(again.errors()).isEmpty();
    assertThat(again.policy().orElseThrow().ports()).map(PortRule::ports).hasSize(2);
  }

  @Test
  void suggestsNothingWhereNothingIsOpenAndLeavesTheSourceToWhoAsksWhereItHasNoAddresses() {
    assertThat(
            SuggestedPolicy.of(
                new PolicyId("draft"),
                List.of(
                    machine(WEB, "web-01", port(22), port(3389, from(List.of("g"), "::1/128")))),
                Set.of("sre")))
        .isEmpty();
    assertThat(
            SuggestedPolicy.of(
                    new PolicyId("draft"),
                    List.of(machine(WEB, "web-01", port(22, from(List.of(), "AzureCloud")))),
                    Set.of("sre"))
                .orElseThrow()
                .ports()
                .getFirst()
                .sources())
        .isEmpty();
  }

  @Test
  void whoSharesARuleSetIsNamed() {
    MachineAssessed inside = shared(WEB, "sg-1", "sg-2");
    MachineAssessed outside = shared(WEB.replace("890", "891"), "sg-2");
    assertThat(SharedRuleSet.of(Set.of(new MachineId(WEB)), List.of(inside, outside)))
        .containsExactly(new SharedRuleSet("sg-2", List.of(WEB), List.of(outside.getMachineId())));
  }

  private static MachineAssessed shared(String id, String... ruleSets) {
    return machine(id, "x", List.of(ruleSets));
  }
}
