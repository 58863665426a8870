package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.event.AccessGranted;
import io.postern.event.Person;
import io.postern.event.RequestSubmitted;
import io.postern.log.Headers;
import io.postern.log.PoisonException;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.model.MachineId;
import io.postern.model.PolicyTerms;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Producers that are believed for what is on a topic which nobody else can write. */
class OwnTopicIT {
  private static final String BOT = "deploy-bot";
  private static final String STRANGER = "other-bot";
  private static final Topic OWN = Topics.ofProducer(BOT);
  private static final Person PIPELINE =
      new Person("pipeline-7", "https://ci.example", List.of("sre"));

  @TempDir static Path state;

  private static PolicyHarness harness;

  @BeforeAll
  static void start() throws Exception {
    harness =
        new PolicyHarness(
            new MachineId("arn:aws:ec2:eu-central-1:111122223333:instance/i-0000000000000a0a0"),
            state,
            Map.of(
                BOT,
                new Producers.Mapping(
                    false, Set.of("https://ci.example"), Set.of(), Set.of(), Set.of("sre"))));
    harness.addOwnTopic(STRANGER);
    harness.put(harness.policy("own-topics", PolicyTerms.NONE));
  }

  @AfterAll
  static void stop() {
    harness.close();
  }

  // As a client without a key does: the value and nothing about who speaks.
  private static ProducerRecord<byte[], byte[]> unsigned(Topic topic, RequestSubmitted request) {
    ProducerRecord<byte[], byte[]> record = harness.encode(topic, request.getRequestId(), request);
    record.headers().remove(Headers.SIGNATURE);
    return record;
  }

  private static RequestSubmitted asks(Person who) {
    return harness.request(who, "203.0.113.7");
  }

  private static void isGranted(RequestSubmitted request) throws Exception {
    AccessGranted granted =
        harness.probe.await(
            AccessGranted.class, g -> g.getRequestId().equals(request.getRequestId()));
    assertThat(granted.getRequestor().getSubject()).isEqualTo(PIPELINE.getSubject());
  }

  @Test
  void whatItsTopicSaysNeedsNoSignature() throws Exception {
    RequestSubmitted request = asks(PIPELINE);
    harness.send(unsigned(OWN, request));
    isGranted(request);
  }

  @Test
  void itSpeaksForNobodyElse() throws Exception {
    RequestSubmitted forAlice = asks(new Person("alice", "https://issuer", List.of("sre")));
    harness.send(unsigned(OWN, forAlice));
    isDead(forAlice, PoisonException.Cause.NOT_ALLOWED_TO_SPEAK);
    RequestSubmitted asAdmin =
        asks(new Person("pipeline-7", "https://ci.example", List.of("sre", "admins")));
    harness.send(unsigned(OWN, asAdmin));
    isDead(asAdmin, PoisonException.Cause.NOT_ALLOWED_TO_SPEAK);
  }

  @Test
  void somebodyElsesSignatureDoesNotSpeakThere() throws Exception {
    RequestSubmitted request = asks(PIPELINE);
    // By request-service, which may speak for anybody, but not here.
    harness.send(harness.encode(OWN, request.getRequestId(), request));
    isDead(request, PoisonException.Cause.NOT_THE_WRITER);
    RequestSubmitted altered = asks(PIPELINE);
    ProducerRecord<byte[], byte[]> moved =
        harness.encode(Topics.REQUESTS, altered.getRequestId(), altered);
    harness.send(
        new ProducerRecord<>(OWN.name(), null, moved.key(), moved.value(), moved.headers()));
    isDead(altered, PoisonException.Cause.BAD_SIGNATURE);
  }

  @Test
  void elsewhereItIsBelievedNothingWithoutASignature() throws Exception {
    RequestSubmitted onTheSharedOne = asks(PIPELINE);
    harness.send(unsigned(Topics.REQUESTS, onTheSharedOne));
    isDead(onTheSharedOne, PoisonException.Cause.UNSIGNED);
    // A topic that nobody told us to believe is not read at all, whatever its name.
    RequestSubmitted onAStrangers = asks(PIPELINE);
    harness.send(unsigned(Topics.ofProducer(STRANGER), onAStrangers));
    RequestSubmitted last = asks(PIPELINE);
    harness.send(unsigned(OWN, last));
    isGranted(last);
    assertThat(
            harness.probe.all(
                AccessGranted.class, g -> g.getRequestId().equals(onAStrangers.getRequestId())))
        .isEmpty();
  }

  private static void isDead(RequestSubmitted request, PoisonException.Cause why) throws Exception {
    harness.awaitDeadLetter(OWN, request.getRequestId(), why);
  }
}
