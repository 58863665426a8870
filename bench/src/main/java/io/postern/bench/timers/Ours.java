package io.postern.bench.timers;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.expiry.kafka.ExpiryService;
import io.postern.expiry.kafka.ExpirySettings;
import io.postern.log.EventCodec;
import io.postern.log.Topics;
import io.postern.model.MachineId;
import io.postern.platform.Platform;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * expiry-service, one replica, fed with leases that are signed a thousand at a time, as a decider
 * that keeps up with the rates of this benchmark must sign them.
 */
final class Ours implements Contestant {
  private static final int SIGNED_TOGETHER = 1_000;
  private static final int SCOPES = 64;

  private final Platform platform;
  private final EventCodec codec;
  private final KafkaProducer<byte[], byte[]> producer;
  private final List<MachineId> machines = new ArrayList<>();
  private @Nullable ExpiryService service;

  Ours(Platform platform) throws InterruptedException {
    this.platform = platform;
    this.codec = platform.codec(Topics.POLICY_SERVICE);
    this.producer = platform.kafka().newProducer("bench-leases");
    for (int i = 0; i < SCOPES; i++) {
      machines.add(
          new MachineId(
              "arn:aws:ec2:eu-west-1:%012d:instance/i-0abc1234def567890".formatted(i + 1)));
    }
    this.service = started();
  }

  private ExpiryService started() throws InterruptedException {
    ExpiryService s =
        new ExpiryService(
            platform.connection(Topics.EXPIRY_SERVICE),
            ExpirySettings.of(0, Duration.ofMillis(500)),
            Clock.systemUTC(),
            new SimpleMeterRegistry());
    s.start();
    while (!s.isReady()) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    return s;
  }

  /** Stops it and starts it with nothing; nanoseconds until every timer is armed. */
  long restart() throws InterruptedException {
    stop();
    long begin = System.nanoTime();
    service = started();
    return System.nanoTime() - begin;
  }

  /** Stops it and forgets it, with all that it holds. */
  void stop() {
    ExpiryService running = service;
    service = null;
    if (running != null) {
      running.close();
    }
  }

  int timers() {
    return service == null ? 0 : service.timers();
  }

  @Override
  public String name() {
    return "expiry-service";
  }

  @Override
  public String topic() {
    return Topics.EXPIRATIONS.name();
  }

  @Override
  public void hold(List<Due> timers) {
    Instant now = Instant.now();
    for (int from = 0; from < timers.size(); from += SIGNED_TOGETHER) {
      List<ProducerRecord<byte[], byte[]>> batch = new ArrayList<>();
      for (Due d : timers.subList(from, Math.min(timers.size(), from + SIGNED_TOGETHER))) {
        MachineId machine = machines.get((int) (d.id().getLeastSignificantBits() & SCOPES - 1));
        String grant = Observer.name(d.id());
        batch.add(
            codec.unsigned(
                Topics.LEASES,
                machine.scope(),
                platform.partitions(),
                machine.scope().value() + "/" + grant,
                lease(d, grant, machine, now),
                Optional.empty()));
      }
      codec.signTogether(batch);
      batch.forEach(producer::send);
    }
    producer.flush();
  }

  private static Lease lease(Due d, String grant, MachineId machine, Instant now) {
    return new Lease(
        grant,
        grant,
        machine.value(),
        machine.scope().value(),
        "alice",
        "https://issuer",
        List.of(new PortSelection(22, 22, Protocol.TCP)),
        List.of("203.0.113.7/32"),
        now,
        Instant.ofEpochMilli(d.atMillis()),
        "web",
        1L,
        LeaseState.ACTIVE,
        null,
        false,
        0L);
  }

  @Override
  public void close() {
    stop();
    producer.close();
  }
}
