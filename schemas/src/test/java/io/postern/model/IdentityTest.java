package io.postern.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {
  private static final String SUBSCRIPTION = "00000000-0000-0000-0000-00000000000A";
  private static final String VM =
      "/subscriptions/"
          + SUBSCRIPTION
          + "/resourceGroups/Shop/providers/Microsoft.Compute/virtualMachines/Web-01";
  private static final String ARN =
      "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890";

  @Test
  void armIdsAreEqualWhateverTheirCase() {
    MachineId id = new MachineId(VM);
    assertThat(new MachineId(VM.toUpperCase(java.util.Locale.ROOT))).isEqualTo(id);
    assertThat(id.scope()).isEqualTo(Scope.azure(SUBSCRIPTION));
    assertThat(id.localName()).isEqualTo("web-01");
    assertThat(id.resourceGroup()).isEqualTo("shop");
  }

  @Test
  void anInstanceOfAScaleSetIsAMachineOfItsOwn() {
    String id =
        VM.replace("virtualMachines/Web-01", "virtualMachineScaleSets/Pool/virtualMachines/3");
    MachineId machine = new MachineId(id);
    assertThat(machine).isEqualTo(new MachineId(id.toUpperCase(java.util.Locale.ROOT)));
    assertThat(machine.isInScaleSet()).isTrue();
    assertThat(new MachineId(VM).isInScaleSet()).isFalse();
    assertThat(machine.localName()).isEqualTo("pool_3");
    assertThat(machine.resourceGroup()).isEqualTo("shop");
    assertThat(machine.scope()).isEqualTo(Scope.azure(SUBSCRIPTION));
  }

  @Test
  void anInstanceLiesInItsAccountAndRegion() {
    MachineId id = new MachineId(ARN);
    assertThat(id.scope()).hasToString("aws:123456789012:eu-west-1");
    assertThat(id.scope().region()).isEqualTo("eu-west-1");
    assertThat(id.localName()).isEqualTo("i-0abc1234def567890");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "web-01",
        "/subscriptions/x/resourceGroups/a/providers/Microsoft.Compute/virtualMachines/b",
        "arn:aws:ec2:eu-west-1:1234:instance/i-0abc1234",
        "arn:aws:ec2:eu-west-1:123456789012:instance/x",
        "arn:aws:s3:::bucket",
        VM + "/extensions/x",
        ARN + "\n"
      })
  void refusesWhatIsNoMachine(String given) {
    assertThatThrownBy(() -> new MachineId(given)).isInstanceOf(InvalidValueException.class);
  }

  @Test
  void aGrantsIdFollowsFromRequestAndMachine() {
    RequestId request = new RequestId(new UUID(1, 2));
    GrantId id = GrantId.of(request, new MachineId(ARN));
    assertThat(GrantId.of(request, new MachineId(ARN))).isEqualTo(id);
    assertThat(GrantId.of(request, new MachineId(VM))).isNotEqualTo(id);
    assertThat(GrantId.parse(id.toString())).isEqualTo(id);
    assertThat(Ids.derived("a", "b")).isNotEqualTo(Ids.derived("ab", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1-1-1-1-1",
        "+1234567-0000-0000-0000-000000000001",
        "00000000-0000-0000-0000-00000000000g",
        "00000000-0000-0000-0000-0000000000011",
        "0000000000000-0000-0000-000000000001",
        "0000000-00000-0000-0000-000000000001"
      })
  void refusesWhatIsNoUuidInItsCanonicalForm(String given) {
    assertThatThrownBy(() -> Ids.parse(given)).isInstanceOf(InvalidValueException.class);
  }

  @Test
  void ruleSetsKnowTheirScope() {
    assertThat(new RuleSetId("aws:123456789012:eu-west-1:sg-1").scope())
        .isEqualTo(Scope.aws("123456789012", "eu-west-1"));
    assertThat(
            new RuleSetId(
                    "/subscriptions/" + SUBSCRIPTION.toLowerCase(java.util.Locale.ROOT) + "/x")
                .scope())
        .isEqualTo(Scope.azure(SUBSCRIPTION));
    assertThatThrownBy(() -> new RuleSetId("sg-1").scope())
        .isInstanceOf(InvalidValueException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "65536", "30-20", "a", "", "-1", "22-", "22,23", "000022"})
  void refusesWhatIsNoPort(String given) {
    assertThatThrownBy(() -> PortRange.parse(given)).isInstanceOf(InvalidValueException.class);
  }
}
