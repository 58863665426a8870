package io.postern.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import io.postern.platform.RegisteredProducers;
import io.postern.platform.RegisteredProducers.Registered;
import io.postern.platform.RegisteredProducers.SpeaksFor;
import io.postern.policy.kafka.Producers.Mapping;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class ProducerCommandTest {
  @TempDir Path directory;

  private final StringWriter errors = new StringWriter();

  private int run(String... arguments) {
    return Main.commandLine().setErr(new PrintWriter(errors)).execute(arguments);
  }

  private Path keyFile() {
    return directory.resolve("bot.jwk");
  }

  private int register(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "producer", "bot", "--data", "" + directory, "--key-file", keyFile().toString()));
    all.addAll(List.of(more));
    return run(all.toArray(String[]::new));
  }

  @Test
  void handsOutThePrivateKeyToItsOwnerAndKeepsThePublicOne() throws Exception {
    assertThat(register("--subject", "bot", "--domain", "a.example", "--domain", "b.example"))
        .isZero();
    JWK key = JWK.parse(Files.readString(keyFile()));
    assertThat(key.isPrivate()).isTrue();
    assertThat(key.getKeyID()).isEqualTo("bot/1");
    assertThat(Files.getPosixFilePermissions(keyFile()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(RegisteredProducers.in(directory.resolve("keys")).all())
        .containsExactly(
            new Registered(
                "bot",
                key.toPublicJWK(),
                new SpeaksFor(
                    List.of("bot"), List.of("a.example", "b.example"), List.of(), List.of())));
  }

  @Test
  void whatCannotBeRegisteredIsSaidAndLeavesNothingBehind() {
    assertThat(register()).isEqualTo(2);
    assertThat(errors.toString()).contains("must speak for somebody");
    assertThat(keyFile()).doesNotExist();
    assertThat(run("producer", "policy-service", "--data", directory.toString(), "--subject", "x"))
        .isEqualTo(2);
    assertThat(errors.toString()).contains("a name of Postern's own");
    assertThat(run("producer", "bot", "--subject", "x")).isEqualTo(2);
    assertThat(errors.toString()).contains("--data");
    assertThat(RegisteredProducers.in(directory.resolve("keys")).all()).isEmpty();
  }

  @Test
  void policyServiceReadsWhomItMaySpeakFor() throws Exception {
    assertThat(
            register(
                "--subject", "bot", "--issuer", "https://issuer.example/a,b", "--group", "sre"))
        .isZero();
    Map<String, String> properties =
        RegisteredProducers.properties(RegisteredProducers.in(directory.resolve("keys")).all());
    Map<String, Mapping> bound =
        new Binder(new MapConfigurationPropertySource(properties))
            .bind("postern.producers", Bindable.mapOf(String.class, Mapping.class))
            .get();
    assertThat(bound)
        .containsExactly(
            Map.entry(
                "bot",
                new Mapping(
                    false,
                    Set.of("https://issuer.example/a,b"),
                    Set.of("bot"),
                    Set.of(),
                    Set.of("sre"))));
  }
}
