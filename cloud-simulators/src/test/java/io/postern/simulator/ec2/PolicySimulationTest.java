package io.postern.simulator.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PolicySimulationTest {
  private static final String ALICE = "arn:aws:iam::123456789012:user/alice";
  private static final String VM = "arn:aws:ec2:eu-west-1:123456789012:instance/" + Lab.WEB;

  private final Lab lab = Lab.start();

  @BeforeEach
  void giveAliceHerPolicies() {
    lab.post(
        "policies",
        Map.of(
            "principal",
            ALICE,
            "statements",
            List.of(
                Map.of(
                    "effect", "Allow",
                    "actions", List.of("ec2:Start*"),
                    "resources", List.of("*"),
                    "conditions", Map.of("aws:ResourceTag/env", List.of("prod"))),
                Map.of("effect", "Allow", "actions", List.of("ec2:StopInstances")),
                Map.of(
                    "effect", "Deny", "actions", List.of("ec2:Stop*"), "resources", List.of(VM)))));
  }

  @AfterEach
  void stop() {
    lab.close();
  }

  @Test
  void aDenyWins() {
    assertThat(simulate("ec2:StopInstances", VM, ""))
        .contains("<EvalDecision>explicitDeny</EvalDecision>");
    assertThat(simulate("ec2:StopInstances", VM + "x", ""))
        .contains("<EvalDecision>allowed</EvalDecision>");
  }

  @Test
  void whatNobodyAllowsIsDenied() {
    assertThat(simulate("ec2:RunInstances", VM, ""))
        .contains("<EvalDecision>implicitDeny</EvalDecision>");
  }

  @Test
  void aConditionWithoutItsValueIsNamedAndDoesNotHold() {
    assertThat(simulate("ec2:StartInstances", VM, ""))
        .contains("<EvalDecision>implicitDeny</EvalDecision>")
        .contains("<MissingContextValues><member>aws:ResourceTag/env</member>");
    assertThat(simulate("ec2:StartInstances", VM, tagged("prod")))
        .contains("<EvalDecision>allowed</EvalDecision>");
    assertThat(simulate("ec2:StartInstances", VM, tagged("test")))
        .contains("<EvalDecision>implicitDeny</EvalDecision>");
  }

  @Test
  void aSessionIsNoPrincipal() {
    String form =
        "Action=SimulatePrincipalPolicy&Version=2010-05-08&ActionNames.member.1=ec2:X&PolicySourceArn=";

    assertThat(lab.form(form + "arn:aws:sts::123456789012:assumed-role/a/b").text())
        .contains("<Code>InvalidInput</Code>");
    assertThat(lab.form(form + "arn:aws:iam::123456789012:user/nobody").status()).isEqualTo(404);
  }

  private static String tagged(String env) {
    return "&ContextEntries.member.1.ContextKeyName=aws:ResourceTag/env"
        + "&ContextEntries.member.1.ContextKeyType=string"
        + "&ContextEntries.member.1.ContextKeyValues.member.1="
        + env;
  }

  private String simulate(String action, String resource, String more) {
    return lab.form(
            "Action=SimulatePrincipalPolicy&Version=2010-05-08&PolicySourceArn="
                + ALICE
                + "&ActionNames.member.1="
                + action
                + "&ResourceArns.member.1="
                + resource
                + more)
        .text();
  }
}
