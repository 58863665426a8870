package io.postern.log;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts records that cannot be used where people find them, with the reason. */
public final class DeadLetters {
  private static final Logger LOGGER = LoggerFactory.getLogger(DeadLetters.class);

  private final EventCodec codec;
  private final Producer<byte[], byte[]> producer;

  public DeadLetters(EventCodec codec, Producer<byte[], byte[]> producer) {
    this.codec = codec;
    this.producer = producer;
  }

  /** Sends the record to the dead letters of its topic; returns before it is there. */
  public java.util.concurrent.Future<?> send(
      Topic topic, ConsumerRecord<byte[], byte[]> record, PoisonException why) {
    LOGGER
        .atWarn()
        .addKeyValue("topic", record.topic())
        .addKeyValue("partition", record.partition())
        .addKeyValue("offset", record.offset())
        .addKeyValue("reason", why.reason())
        .log("record dead-lettered: {}", why.getMessage());
    return producer.send(codec.deadLetter(topic, record, why));
  }
}
