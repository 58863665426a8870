package io.postern.bench;

import io.postern.log.KafkaSettings;
import io.postern.log.LogTail;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The floor: a record of 500 bytes produced (acks=all) to the first of a chain of topics and passed
 * on, consumed and produced, from each to the next, with nothing done in between. One of the hops
 * can be exactly once, by Kafka Streams with a commit after each record; and something can be done
 * before the last.
 */
final class RelayChain implements AutoCloseable {
  private static final int BYTES = 500;

  private final List<LogTail> tails = new ArrayList<>();
  private final List<ExactlyOnceHop> exactlyOnce = new ArrayList<>();
  private final KafkaProducer<byte[], byte[]> producer;
  private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
  private final String first;

  /**
   * @param name of the chain, in the names of its topics
   * @param hops number of topics
   * @param exactlyOnceFrom the topic, counted from 0, that is left exactly once; -1 for none
   * @param beforeLast what is done before a record goes to the last topic
   */
  RelayChain(KafkaSettings kafka, String name, int hops, int exactlyOnceFrom, Runnable beforeLast)
      throws InterruptedException, ExecutionException {
    List<String> topics = new ArrayList<>();
    for (int i = 0; i < hops; i++) {
      topics.add("bench." + name + "-" + i);
    }
    try (Admin admin = Admin.create(kafka.admin())) {
      admin
          .createTopics(
              topics.stream()
                  .map(t -> new NewTopic(t, Optional.of(4), Optional.of((short) 1)))
                  .toList())
          .all()
          .get();
    }
    first = topics.get(0);
    producer = kafka.newProducer("bench-relay");
    for (int i = 0; i < hops; i++) {
      String from = topics.get(i);
      if (i == exactlyOnceFrom) {
        exactlyOnce.add(ExactlyOnceHop.start(kafka, from, topics.get(i + 1)));
        continue;
      }
      LogTail.Handler handler =
          i == hops - 1
              ? r -> arrived.add(new String(r.key(), StandardCharsets.UTF_8))
              : pass(
                  i == hops - 2 ? beforeLast : () -> {},
                  topics.get(i + 1),
                  kafka.newProducer(from));
      tails.add(new LogTail(from, kafka, List.of(from), handler).start());
    }
    for (LogTail tail : tails) {
      tail.awaitCaughtUp(Duration.ofSeconds(30));
    }
  }

  private static LogTail.Handler pass(
      Runnable before, String to, KafkaProducer<byte[], byte[]> through) {
    return r -> {
      before.run();
      through.send(new ProducerRecord<>(to, r.key(), r.value()));
    };
  }

  /** Nanoseconds from the acknowledged send on the first topic to the arrival on the last. */
  long once() throws InterruptedException, ExecutionException {
    String id = UUID.randomUUID().toString();
    producer
        .send(new ProducerRecord<>(first, id.getBytes(StandardCharsets.UTF_8), new byte[BYTES]))
        .get();
    long begin = System.nanoTime();
    String seen = arrived.poll(30, TimeUnit.SECONDS);
    if (!id.equals(seen)) {
      throw new IllegalStateException("the relay lost a record");
    }
    return System.nanoTime() - begin;
  }

  @Override
  public void close() {
    tails.forEach(LogTail::close);
    exactlyOnce.forEach(ExactlyOnceHop::close);
    producer.close();
  }
}
