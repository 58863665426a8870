package io.postern.simulator.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {

  @Test
  void everythingIsThereAfterAKillThatLeftNoTimeToSave(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("state.json");
    String ssh;
    String before;
    try (Lab lab = Lab.start(Ec2Simulator.Options.defaults().withStateFile(file))) {
      ssh = lab.connect("198.51.100.9", Lab.DB, 22);
      lab.post("settings", Map.of("groupsPerInterface", 7, "detachLinger", "PT5S"));
      lab.post("denied", Map.of("action", "CreateTags"));
      lab.revoke(Lab.DB_GROUP, 22, 22, "198.51.100.0/24");
      // What a killed process leaves is the file as it is now, not what close() might add.
      Files.copy(file, directory.resolve("killed.json"));
      before = everything(lab);
    }

    try (Lab lab =
        Lab.start(
            Ec2Simulator.Options.defaults().withStateFile(directory.resolve("killed.json")))) {
      assertThat(everything(lab)).isEqualTo(before);
      assertThat(lab.alive(ssh)).isTrue();
      assertThat(lab.connection(ssh).get("tracked").asBoolean()).isTrue();
      assertThat(lab.get("settings").json().get("groupsPerInterface").asInt()).isEqualTo(7);
      ContractCase.refused(
          403,
          "UnauthorizedOperation",
          () -> lab.ec2.createTags(r -> r.resources(Lab.DB).tags(t -> t.key("a"))));
      lab.allow(Lab.DB_GROUP, 22, 22, "198.51.100.0/24");
    }
  }

  @Test
  void theSceneDoesNotOverwriteWhatIsThere(@TempDir Path directory) {
    Ec2Simulator.Options options =
        Ec2Simulator.Options.defaults().withStateFile(directory.resolve("state.json"));
    try (Lab lab = Lab.start(options)) {
      lab.revoke(Lab.BATCH_GROUP, 22, 22, "0.0.0.0/0");
    }

    try (Lab lab = Lab.start(options)) {
      assertThat(lab.reachable("203.0.113.7", Lab.BATCH, 22)).isFalse();
    }
  }

  private static String everything(Lab lab) {
    return lab.ec2.describeInstances().reservations().toString()
        + lab.ec2.describeSecurityGroups().securityGroups()
        + lab.ec2.describeSecurityGroupRules(r -> {}).securityGroupRules();
  }
}
