package io.postern.platform.setup;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.postern.log.Topics;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A bot is registered in the directories that {@code keys} has made. */
class ProducerCommandTest {
  @TempDir Path directory;
  private final StringWriter err = new StringWriter();
  private Path out = Path.of("");

  @BeforeEach
  void keys() {
    out = directory.resolve("keys");
    assertThat(run("keys", "--out", out.toString())).isZero();
  }

  private int run(String... args) {
    CommandLine line = SetupMain.commandLine().setErr(new PrintWriter(err, true));
    return line.execute(args);
  }

  private int register(String name, String... more) {
    List<String> args = new ArrayList<>(List.of("producer", name, "--out", out.toString()));
    args.addAll(List.of("--hand-out", directory.resolve(name).toString()));
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  private Properties told(String service) throws Exception {
    Properties properties = new Properties();
    Path file = out.resolve(service).resolve(ProducerCommand.PROPERTIES);
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    return properties;
  }

  @Test
  void handsOutWhatTheBotNeedsAndTellsTheServices() throws Exception {
    assertThat(register("node-bot", "--subject", "node-bot", "--group", "sre")).isZero();

    Path mine = directory.resolve("node-bot");
    JWK key = JWK.parse(Files.readString(mine.resolve("signing.jwk")));
    assertThat(key.getKeyID()).isEqualTo("node-bot/1");
    assertThat(key.isPrivate()).isTrue();
    assertThat(mine.resolve("tls.pem")).content().contains("PRIVATE KEY", "CERTIFICATE");
    assertThat(mine.resolve("ca.pem")).exists();
    for (String service : Topics.SERVICES) {
      JWKSet trust = JWKSet.load(out.resolve(service).resolve("trust.json").toFile());
      JWK known = trust.getKeyByKeyId("node-bot/1");
      assertThat(known).as(service).isEqualTo(key.toPublicJWK());
    }
    assertThat(told(Topics.POLICY_SERVICE))
        .containsEntry("postern.producers[node-bot].subjects[0]", "node-bot")
        .containsEntry("postern.producers[node-bot].groups[0]", "sre")
        .doesNotContainKey("postern.log.producer-topics");
  }

  @Test
  void aTopicOfItsOwnIsReadByWhoeverIsTold() throws Exception {
    assertThat(register("chat", "--domain", "example.org", "--own-topic")).isZero();
    assertThat(register("node-bot", "--subject", "node-bot")).isZero();
    assertThat(register("deploys", "--issuer", "https://issuer", "--own-topic")).isZero();
    for (String service : List.of(Topics.POLICY_SERVICE, Topics.REQUEST_SERVICE)) {
      assertThat(told(service))
          .containsEntry("postern.log.producer-topics", "chat,deploys")
          .containsEntry("postern.producers[chat].domains[0]", "example.org")
          .containsEntry("postern.producers[deploys].issuers[0]", "https://issuer");
    }
  }

  @Test
  void refusesWhatItCannotStandFor() {
    assertThat(register("node-bot")).isEqualTo(1);
    assertThat(err.toString()).contains("node-bot must speak for somebody");
    assertThat(register("policy-service", "--subject", "x")).isEqualTo(1);
    assertThat(err.toString()).contains("policy-service is a name of Postern's own");
    assertThat(register("node-bot", "--subject", "x", "--bootstrap", "kafka:9092")).isEqualTo(1);
    assertThat(err.toString()).contains("--bootstrap and --registry go together");
    assertThat(directory.resolve("node-bot")).doesNotExist();

    assertThat(register("node-bot", "--subject", "x")).isZero();
    assertThat(register("node-bot", "--subject", "y")).isEqualTo(1);
    assertThat(err.toString()).contains("signing.jwk is there already");
  }
}
