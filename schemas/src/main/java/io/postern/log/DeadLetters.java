package io.postern.log;

import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts records that cannot be used where people find them, with the reason. All of them; the log
 * has a line for a few of each second, and how many more there were.
 */
public final class DeadLetters {
  private static final Logger LOGGER = LoggerFactory.getLogger(DeadLetters.class);

  private static final int LINES_PER_SECOND = 20;

  private final LogPace pace = new LogPace(LINES_PER_SECOND);
  private final EventCodec codec;
  private final Producer<byte[], byte[]> producer;

  public DeadLetters(EventCodec codec, Producer<byte[], byte[]> producer) {
    this.codec = codec;
    this.producer = producer;
  }

  /** Sends the record to the dead letters of its topic; returns before it is there. */
  public Future<?> send(Topic topic, ConsumerRecord<byte[], byte[]> record, PoisonException why) {
    pace.next(System.nanoTime()).ifPresent(leftOut -> log(record, why, leftOut));
    return producer.send(codec.deadLetter(topic, record, why));
  }

  private static void log(
      ConsumerRecord<byte[], byte[]> record, PoisonException why, long leftOut) {
    LOGGER
        .atWarn()
        .addKeyValue("topic", record.topic())
        .addKeyValue("partition", record.partition())
        .addKeyValue("offset", record.offset())
        .addKeyValue("reason", why.reason())
        .addKeyValue("notLogged", leftOut)
        .log("record dead-lettered: {}", why.getMessage());
  }
}
