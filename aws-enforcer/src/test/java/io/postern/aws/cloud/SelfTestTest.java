package io.postern.aws.cloud;

import static io.postern.aws.cloud.Lab.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The enforcer finds out at the start what it may not do. */
class SelfTestTest {
  private final Lab lab = new Lab();

  @AfterEach
  void closeLab() {
    lab.close();
  }

  private List<String> missing() throws Exception {
    return lab.adapter.missingPermissions(Lab.SCOPE);
  }

  @Test
  void findsNothingMissingAndWritesNothing() throws Exception {
    List<String> before = lab.rules(Lab.WEB_GROUP);

    assertThat(missing()).isEmpty();

    assertThat(lab.rules(Lab.WEB_GROUP)).isEqualTo(before);
    assertThat(lab.accessGroups()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DescribeInstances",
        "DescribeNetworkInterfaces",
        "DescribeSecurityGroups",
        "DescribeSecurityGroupRules",
        "DescribeManagedPrefixLists",
        "CreateSecurityGroup",
        "AuthorizeSecurityGroupIngress",
        "RevokeSecurityGroupIngress",
        "ModifyNetworkInterfaceAttribute"
      })
  void namesEachPermissionThatIsMissing(String action) throws Exception {
    lab.post("denied", "{\"action\": \"" + action + "\"}");

    assertThat(missing()).containsExactly("ec2:" + action);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"DeleteSecurityGroup", "RevokeSecurityGroupEgress", "CreateTags", "DeleteTags"})
  void namesWhatIsMissingForOurOwnGroupsOnceThereIsOne(String action) throws Exception {
    lab.open(WEB, 22, "203.0.113.7");
    lab.settle();
    lab.post("denied", "{\"action\": \"" + action + "\"}");

    assertThat(missing()).containsExactly("ec2:" + action);
  }
}
