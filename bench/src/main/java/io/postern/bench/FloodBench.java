package io.postern.bench;

import io.postern.event.AccessClosed;
import io.postern.event.AccessOpened;
import io.postern.event.LockdownApplied;
import io.postern.event.Person;
import io.postern.event.PolicyPut;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.event.RequestSubmitted;
import io.postern.log.AvroFraming;
import io.postern.log.Convert;
import io.postern.log.EventCodec;
import io.postern.log.KafkaSettings;
import io.postern.log.LogTail;
import io.postern.log.PoisonException;
import io.postern.log.ProducerQuota;
import io.postern.log.SchemaRegistry;
import io.postern.log.Topics;
import io.postern.model.Ids;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.platform.Issuer;
import io.postern.quickstart.Console;
import io.postern.quickstart.Data;
import io.postern.quickstart.Ports;
import io.postern.quickstart.Quickstart;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;

/**
 * How late ports close, with and without somebody who writes 10,000 requests a second to {@code
 * jit.requests} that are signed and not his to make, in turns in one run. The quota is the one of a
 * producer's principal, by client id here, since the quickstart's broker knows no principals.
 */
public final class FloodBench {
  private static final int FLOOD_PER_SECOND = 10_000;
  private static final Duration TIME = Duration.ofSeconds(3);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final String FLOODER = "flood";
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");

  private final KafkaSettings kafka;
  private final EventCodec codec;
  private final EventCodec stranger;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Map<String, Instant> ends = new ConcurrentHashMap<>();
  private final Map<String, Long> late = new ConcurrentHashMap<>();
  private final CountDownLatch locked = new CountDownLatch(1);
  private int serial;

  private FloodBench(Quickstart quickstart) {
    this.kafka = quickstart.platform().kafka();
    this.codec = quickstart.platform().codec(Topics.REQUEST_SERVICE);
    this.stranger = quickstart.platform().codec(Topics.AWS_ENFORCER);
    this.producer = kafka.newProducer("bench");
  }

  public static void main(String[] args) throws Exception {
    int closes = args.length > 0 ? Integer.parseInt(args[0]) : 100;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : Samples.BLOCKS;
    double bytes =
        args.length > 2 ? Double.parseDouble(args[2]) : ProducerQuota.DEFAULT.bytesPerSecond();
    try (Quickstart quickstart =
        Quickstart.start(
            Ports.from(System.getenv()),
            Data.at(null),
            Issuer.in(Files.createTempDirectory("postern-bench")),
            Console.standard(false))) {
      new FloodBench(quickstart).run(quickstart.platform().registryUrl(), closes, rounds, bytes);
    }
    System.exit(0);
  }

  private void run(String registry, int closes, int rounds, double bytes) throws Exception {
    if (bytes > 0) {
      limit(bytes);
    }
    AvroFraming framing =
        new AvroFraming(new SchemaRegistry(List.of(registry), Optional.empty()), false);
    Samples quiet = new Samples();
    Samples flooded = new Samples();
    AtomicLong written = new AtomicLong();
    long floodedNanos = 0;
    try (LogTail tail =
        new LogTail("bench-flood", kafka, List.of(Topics.ENFORCEMENT.name()), r -> seen(framing, r))
            .start()) {
      tail.awaitCaughtUp(Duration.ofSeconds(30));
      putPolicy();
      measure(20, new Samples());
      for (int round = 0; round < rounds; round++) {
        for (boolean flood : round % 2 == 0 ? List.of(false, true) : List.of(true, false)) {
          if (flood) {
            long begin = System.nanoTime();
            try (Flood ignored = new Flood(written)) {
              measure(closes, flooded);
            }
            floodedNanos += System.nanoTime() - begin;
            // What it left behind is read before anything else is measured.
            measure(16, new Samples());
          } else {
            measure(closes, quiet);
          }
        }
      }
    }
    System.out.printf(
        "%nAccessClosed after the end of the grant, %d closes on each side, %d rounds, quota %s:%n",
        quiet.size(), rounds, bytes > 0 ? "%,.0f bytes/s".formatted(bytes) : "none");
    System.out.printf(
        "  %,d a second wanted, %,.0f a second written%n",
        FLOOD_PER_SECOND, written.get() * 1e9 / floodedNanos);
    for (double p : new double[] {50, 99}) {
      System.out.printf(
          "  p%.0f  quiet %.1f ms  flooded %.1f ms  ratio %s%n",
          p, quiet.percentile(p), flooded.percentile(p), flooded.ratio(quiet, p));
    }
  }

  private void limit(double bytes) throws InterruptedException, ExecutionException {
    try (Admin admin = Admin.create(kafka.admin())) {
      ClientQuotaAlteration quota =
          new ProducerQuota(bytes, ProducerQuota.DEFAULT.requestPercent()).of(FLOODER);
      ClientQuotaEntity client =
          new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, FLOODER));
      admin.alterClientQuotas(List.of(new ClientQuotaAlteration(client, quota.ops()))).all().get();
    }
  }

  private void seen(AvroFraming framing, ConsumerRecord<byte[], byte[]> record) {
    try {
      switch (framing.decode(record.value())) {
        case LockdownApplied l -> locked.countDown();
        case AccessOpened o -> ends.put(o.getRequestId(), o.getExpiresAt());
        case AccessClosed c -> {
          Instant end = ends.remove(c.getRequestId());
          if (end != null) {
            late.put(
                c.getRequestId(),
                Duration.between(end, Instant.ofEpochMilli(record.timestamp())).toNanos());
          }
        }
        default -> {}
      }
    } catch (PoisonException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Opens so many for a short time, one after the other, and waits until all are closed again. */
  private void measure(int closes, Samples into) throws Exception {
    List<String> asked = new ArrayList<>();
    for (int i = 0; i < closes; i++) {
      ProducerRecord<byte[], byte[]> record = request(codec);
      asked.add(new String(record.key(), StandardCharsets.UTF_8));
      producer.send(record).get();
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    long limit = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    for (String id : asked) {
      while (!late.containsKey(id)) {
        if (System.nanoTime() > limit) {
          throw new IllegalStateException("no AccessClosed for " + id);
        }
        LockSupport.parkNanos(1_000_000);
      }
      into.add(Optional.ofNullable(late.remove(id)).orElseThrow());
    }
  }

  private ProducerRecord<byte[], byte[]> request(EventCodec by) {
    String id = UUID.randomUUID().toString();
    int number = serial++;
    RequestSubmitted event =
        RequestSubmitted.newBuilder()
            .setEventId(Ids.derived("submitted", id).toString())
            .setOccurredAt(Instant.now())
            .setRequestId(id)
            .setRequestor(new Person("bench-" + number, "https://issuer", List.of("bench")))
            .setMachines(List.of(MACHINE.value()))
            .setPorts(List.of(new PortSelection(22, 22, Protocol.TCP)))
            .setSources(List.of("203.0.113." + (number % 250 + 1)))
            .setDurationMillis(TIME.toMillis())
            .build();
    return by.encode(Topics.REQUESTS, id, event, Optional.empty());
  }

  private void putPolicy() throws Exception {
    Policy policy =
        new Policy(
            new PolicyId("bench"),
            0,
            List.of(new MachineSelector.ById(MACHINE)),
            List.of(new PortRule(PortSpec.tcp(22), List.of(), Duration.ofHours(3))),
            Set.of("bench"),
            Set.of(),
            false,
            Optional.empty(),
            Policy.ExistingRules.OVERRIDE,
            Policy.SharedGroups.REFUSE,
            32,
            128);
    PolicyPut put =
        new PolicyPut(
            UUID.randomUUID().toString(),
            Instant.now(),
            "bench",
            new Person("bench", "https://issuer", List.of("admins")),
            Convert.toEvent(policy),
            null,
            false);
    producer.send(codec.encode(Topics.POLICY_CHANGES, "bench", put, Optional.empty())).get();
    if (!locked.await(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the machine was not locked down");
    }
  }

  /** Somebody who writes as much as he wants to, or as the broker lets him. */
  private final class Flood implements AutoCloseable {
    private final List<ProducerRecord<byte[], byte[]>> records =
        IntStream.range(0, 2_000).mapToObj(i -> request(stranger)).toList();
    private final KafkaProducer<byte[], byte[]> out;
    private final Thread thread;
    private volatile boolean closed;

    Flood(AtomicLong written) {
      Map<String, Object> config = new HashMap<>(kafka.producer(FLOODER));
      config.put(ProducerConfig.CLIENT_ID_CONFIG, FLOODER);
      out = new KafkaProducer<>(config);
      thread = new Thread(() -> write(written), FLOODER);
      thread.setDaemon(true);
      thread.start();
    }

    private void write(AtomicLong written) {
      long begin = System.nanoTime();
      for (long i = 0; !closed; i++) {
        long due = begin + i * 1_000_000_000L / FLOOD_PER_SECOND;
        while (System.nanoTime() < due) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        try {
          out.send(
              records.get((int) (i % records.size())),
              (meta, e) -> {
                if (e == null) {
                  written.incrementAndGet();
                }
              });
        } catch (InterruptException e) {
          return;
        }
      }
    }

    @Override
    public void close() throws InterruptedException {
      closed = true;
      thread.interrupt();
      thread.join();
      out.close(Duration.ZERO);
    }
  }
}
