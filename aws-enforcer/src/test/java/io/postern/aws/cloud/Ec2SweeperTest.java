package io.postern.aws.cloud;

import static io.postern.aws.cloud.Lab.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.postern.aws.AwsEnforcerApplication;
import io.postern.enforcement.domain.Grant;
import io.postern.model.PortSpec;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Ec2SweeperTest {
  private static final String PERSON = "203.0.113.7";
  private final Lab lab = new Lab();

  @AfterEach
  void closeLab() {
    lab.close();
  }

  @Test
  void closesWhatIsOverAndNothingElse() {
    lab.lock(WEB, false, PortSpec.tcp(22));
    lab.open(WEB, 22, PERSON);
    Grant longer = lab.grant(WEB, PortSpec.tcp(22), "203.0.113.8", Duration.ofHours(2));
    lab.add(longer);
    lab.settle();

    assertThat(lab.sweeper(Lab.NOW.plus(Duration.ofMinutes(14))).sweep()).isZero();
    assertThat(lab.sweeper(Lab.NOW.plus(Duration.ofMinutes(15))).sweep()).isEqualTo(1);
    assertThat(lab.reaches(PERSON, WEB, 22)).isFalse();
    assertThat(lab.reaches("203.0.113.8", WEB, 22)).isTrue();
  }

  @Test
  void aRuleSharedByTwoGrantsStaysUntilTheLaterEnd() {
    lab.lock(WEB, false, PortSpec.tcp(22));
    lab.open(WEB, 22, PERSON);
    lab.settle();
    lab.add(lab.grant(WEB, PortSpec.tcp(22), PERSON, Duration.ofHours(2)));
    lab.settle();

    assertThat(lab.sweeper(Lab.NOW.plus(Duration.ofHours(1))).sweep()).isZero();
    assertThat(lab.sweeper(Lab.NOW.plus(Duration.ofHours(2))).sweep()).isEqualTo(1);
  }

  @Test
  void somebodyElsesRuleInTheGroupIsLeftAlone() {
    lab.open(WEB, 22, PERSON);
    lab.settle();
    lab.owner.authorizeSecurityGroupIngress(
        r ->
            r.groupId(lab.accessGroups().getFirst())
                .ipPermissions(
                    p ->
                        p.ipProtocol("tcp")
                            .fromPort(22)
                            .toPort(22)
                            .ipRanges(i -> i.cidrIp("198.51.100.1/32").description("mine"))));

    assertThat(lab.sweeper(Lab.NOW.plus(Duration.ofDays(9))).sweep()).isEqualTo(1);
    assertThat(lab.rules(lab.accessGroups().getFirst())).hasSize(1);
  }

  @Test
  void anEmptyGroupGoesAMinuteAfterItsLastEndAndNotBefore() {
    lab.open(WEB, 22, PERSON);
    lab.settle();
    Duration end = Duration.ofMinutes(15);

    lab.sweeper(Lab.NOW.plus(end)).sweep();
    lab.sweeper(Lab.NOW.plus(end)).sweep();
    assertThat(lab.accessGroups()).hasSize(1);

    lab.sweeper(Lab.NOW.plus(end).plusSeconds(61)).sweep();

    assertThat(lab.accessGroups()).isEmpty();
    assertThat(lab.reaches("198.18.0.1", WEB, 443)).isTrue();
  }

  @Test
  void theGroupOfATerminatedMachineGoes() {
    lab.open(WEB, 22, PERSON);
    lab.settle();
    lab.owner.terminateInstances(r -> r.instanceIds(WEB));

    Ec2Sweeper sweeper = lab.sweeper(Lab.NOW.plus(Duration.ofMinutes(17)));
    sweeper.sweep();
    sweeper.sweep();

    assertThat(lab.accessGroups()).isEmpty();
  }

  @Test
  void aGroupThatHasRulesLeftStays() {
    lab.open(WEB, 22, PERSON);
    Grant longer = lab.grant(WEB, PortSpec.tcp(22), "203.0.113.8", Duration.ofHours(2));
    lab.add(longer);
    lab.settle();

    lab.sweeper(Lab.NOW.plus(Duration.ofMinutes(17))).sweep();

    assertThat(lab.accessGroups()).hasSize(1);
    assertThat(lab.reaches("203.0.113.8", WEB, 22)).isTrue();
  }

  @Test
  void sweepsOnceFromTheCommandLineAndSaysWhat() throws Exception {
    lab.lock(WEB, false, PortSpec.tcp(22));
    lab.open(WEB, 22, PERSON);
    lab.settle();
    Path key = Files.createTempFile("marks", ".jwk");
    Files.writeString(key, new OctetSequenceKey.Builder(new byte[32]).build().toJSONString());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int exit =
        AwsEnforcerApplication.sweepOnce(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            System.err,
            "--json",
            "--postern.marks.key=" + key,
            "--postern.marks.installation=lab",
            "--postern.aws.endpoint=" + lab.simulator.url(),
            "--postern.aws.scopes=123456789012:eu-west-1");
    assertThat(exit).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualToNormalizingNewlines("{\"scope\":\"" + Lab.SCOPE + "\",\"swept\":1}\n");
    assertThat(lab.reaches(PERSON, WEB, 22)).isFalse();
  }
}
