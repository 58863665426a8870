package io.postern.client;

import io.postern.event.AccessClosed;
import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.event.AccessOpened;
import io.postern.event.EnforcementFailed;
import io.postern.event.RequestSubmitted;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.LogConnection;
import io.postern.log.PoisonException;
import io.postern.log.RegistryException;
import io.postern.log.Topic;
import io.postern.log.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for ports by signed records on {@code jit.requests}, and follows the answers from where the
 * topics end when it connects. It believes an answer only when the topic's writer signed it,
 * belongs to no consumer group and commits nothing: a request does not outlive its client here,
 * though its grant does. Safe for use by many threads.
 */
public final class PosternClient implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(PosternClient.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration AGAIN = Duration.ofSeconds(1);
  private static final String REFUSALS = Topics.REQUESTS.deadLetter(Topics.POLICY_SERVICE);

  private final EventCodec codec;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<String, Access> waiting = new ConcurrentHashMap<>();
  private final Thread reader;
  private volatile boolean closing;

  private PosternClient(String name, LogConnection log) {
    codec = log.codec(name, Clock.systemUTC());
    producer = log.settings().newProducer(name);
    consumer = new KafkaConsumer<>(log.settings().consumer(name));
    reader = new Thread(this::read, name + "-answers");
    reader.setDaemon(true);
  }

  /**
   * Connects; what is asked from then on is answered here.
   *
   * @param log the bot's private key, whose id begins with its name, and the keys that it believes
   * @throws KafkaException when the broker does not answer
   * @throws IllegalArgumentException when a key cannot be read
   */
  public static PosternClient connect(LogConnection log) {
    String id = String.valueOf(log.readSigningKey().getKeyID());
    PosternClient client = new PosternClient(id.split("/", 2)[0], log);
    try {
      client.goToTheEnds();
    } catch (RuntimeException e) {
      client.producer.close(Duration.ZERO);
      client.consumer.close();
      throw e;
    }
    client.reader.start();
    return client;
  }

  private void goToTheEnds() {
    List<TopicPartition> partitions =
        Stream.of(Topics.DECISIONS.name(), Topics.ENFORCEMENT.name(), REFUSALS)
            .flatMap(t -> consumer.partitionsFor(t).stream())
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    // Seeking is lazy: without this the ends would be looked up after the first request.
    partitions.forEach(consumer::position);
  }

  /**
   * Sends a request; returns as soon as it is on its way. When it cannot be sent, the futures say
   * so.
   *
   * @throws RegistryException when the registry does not know the schema or does not answer
   */
  public Access ask(Wish wish) {
    String requestId = UUID.randomUUID().toString();
    RequestSubmitted event =
        new RequestSubmitted(
            UUID.randomUUID().toString(),
            Clock.systemUTC().instant(),
            requestId,
            wish.requestor(),
            List.of(wish.machine()),
            wish.ports(),
            wish.sources(),
            wish.duration().toMillis(),
            wish.justification().orElse(null),
            null,
            false,
            false);
    var record = codec.encode(Topics.REQUESTS, requestId, event, Optional.empty());
    Access access = new Access(requestId);
    waiting.put(requestId, access);
    producer.send(
        record,
        (sent, failure) -> {
          if (failure != null) {
            waiting.remove(requestId);
            access.refuse("the request could not be sent: " + failure.getMessage());
          }
        });
    return access;
  }

  private void read() {
    try (consumer) {
      while (!closing) {
        try {
          readOn();
        } catch (WakeupException e) {
          // Closing.
        } catch (KafkaException e) {
          LOGGER.atWarn().setCause(e).log("cannot read the answers; trying again");
          LockSupport.parkNanos(AGAIN.toNanos());
        }
      }
    }
  }

  private void readOn() {
    ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
    for (TopicPartition partition : records.partitions()) {
      for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
        try {
          take(record);
        } catch (RegistryException e) {
          // Unreadable for now only: from here again.
          LOGGER.atWarn().setCause(e).log("the registry does not answer; trying again");
          consumer.seek(partition, record.offset());
          LockSupport.parkNanos(AGAIN.toNanos());
          break;
        }
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(REFUSALS)) {
      takeRefusal(record);
      return;
    }
    Topic topic = Topics.byName(record.topic());
    try {
      SpecificRecord event = codec.readFromWriter(topic, record);
      Access access = waiting.get(requestOf(event));
      if (access != null) {
        access.take(event);
        forget(access);
      }
    } catch (PoisonException e) {
      // Not for us to act on; and a type of a later version is none of our business.
      LOGGER.atDebug().addKeyValue("reason", e.reason()).log("ignored a record of {}", topic);
    }
  }

  private void takeRefusal(ConsumerRecord<byte[], byte[]> record) {
    Access access =
        record.key() == null ? null : waiting.get(new String(record.key(), StandardCharsets.UTF_8));
    if (access != null) {
      access.refuse(
          Headers.text(record.headers(), Headers.DLT_REASON)
              + ": "
              + Headers.text(record.headers(), Headers.DLT_MESSAGE));
      forget(access);
    }
  }

  private void forget(Access access) {
    if (access.isOver()) {
      waiting.remove(access.requestId());
    }
  }

  private static String requestOf(SpecificRecord event) {
    if (event instanceof AccessGranted e) {
      return e.getRequestId();
    } else if (event instanceof AccessDenied e) {
      return e.getRequestId();
    } else if (event instanceof AccessOpened e) {
      return e.getRequestId();
    } else if (event instanceof AccessClosed e) {
      return e.getRequestId();
    } else if (event instanceof EnforcementFailed e && e.getRequestId() != null) {
      return e.getRequestId();
    }
    return "";
  }

  @Override
  public void close() {
    closing = true;
    consumer.wakeup();
    try {
      reader.join(Duration.ofSeconds(10).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close(Duration.ofSeconds(10));
    waiting.values().forEach(a -> a.refuse("the client was closed"));
  }
}
