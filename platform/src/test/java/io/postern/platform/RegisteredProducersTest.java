package io.postern.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import io.postern.log.Signer;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import io.postern.platform.RegisteredProducers.KeyType;
import io.postern.platform.RegisteredProducers.Registered;
import io.postern.platform.RegisteredProducers.SpeaksFor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegisteredProducersTest {
  private static final SpeaksFor BOTS =
      new SpeaksFor(List.of("bot"), List.of("a.example"), List.of(), List.of("sre"));

  @TempDir Path keys;

  @Test
  void servicesBelieveWhatARegisteredProducerSigns() throws Exception {
    for (KeyType type : KeyType.values()) {
      String name = "bot-" + type.name().toLowerCase(java.util.Locale.ROOT);
      RegisteredProducers producers = RegisteredProducers.in(keys);
      JWK key = producers.newKey(name, type);
      producers.add(name, key, BOTS);

      TrustStore trust = TrustStore.load(ServiceKeys.in(keys).trust());
      byte[] value = {1};
      String signature = Signer.of(key).sign("jit.requests", value, value, Instant.EPOCH);
      assertThat(trust.verify("jit.requests", value, value, signature).owner()).isEqualTo(name);
    }
  }

  @Test
  void keepsWhomAProducerMaySpeakForAndNoPrivateKey() throws Exception {
    RegisteredProducers producers = RegisteredProducers.in(keys);
    JWK key = producers.newKey("bot", KeyType.ED25519);
    producers.add("bot", key, BOTS);
    assertThat(producers.all()).containsExactly(new Registered("bot", key.toPublicJWK(), BOTS));
    assertThat(Files.readString(keys.resolve("producers/bot.json"))).doesNotContain("\"d\"");
  }

  @Test
  void aProducerCannotPassForAServiceOrForAnother() throws Exception {
    RegisteredProducers producers = RegisteredProducers.in(keys);
    for (String name :
        List.of(Topics.POLICY_SERVICE, Topics.ANYONE, "Bot", "bot/2", "../bot", "", "bot.x")) {
      assertThatThrownBy(() -> producers.newKey(name, KeyType.P256))
          .isInstanceOf(IllegalArgumentException.class);
    }
    JWK key = producers.newKey("bot", KeyType.P256);
    producers.add("bot", key, BOTS);
    assertThatThrownBy(() -> producers.newKey("bot", KeyType.P256))
        .hasMessageContaining("registered already");
    assertThatThrownBy(
            () ->
                producers.add(
                    "nobody", key, new SpeaksFor(List.of(), List.of(), List.of(), List.of("sre"))))
        .hasMessageContaining("must speak for somebody");
  }

  @Test
  void aFileWhoseKeyIsOfAnotherOrPrivateStopsTheStart() throws Exception {
    JWK policy =
        new ECKeyGenerator(com.nimbusds.jose.jwk.Curve.P_256)
            .keyID("policy-service/2")
            .generate()
            .toPublicJWK();
    assertRefused(policy, "kid must begin with bot/");
    assertRefused(RegisteredProducers.in(keys).newKey("bot", KeyType.P256), "public");
    assertRefused(new OctetSequenceKeyGenerator(256).keyID("bot/1").generate(), "public");
  }

  private void assertRefused(JWK key, String why) throws Exception {
    Path file = keys.resolve("producers/bot.json");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        "{\"name\":\"bot\",\"subjects\":[\"x\"],\"domains\":[],\"issuers\":[],\"groups\":[],\"key\":%s}"
            .formatted(key.toJSONString()));
    assertThatThrownBy(() -> ServiceKeys.in(keys))
        .hasMessageContaining("bot.json")
        .hasMessageContaining(why);
    Files.delete(file);
  }
}
