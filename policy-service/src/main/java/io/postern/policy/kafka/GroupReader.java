package io.postern.policy.kafka;

import io.postern.log.KafkaSettings;
import io.postern.log.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a topic as a member of a group, in a thread of its own, and starts over from what was
 * committed when something goes wrong.
 */
abstract class GroupReader implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(GroupReader.class);

  private final String group;
  private final String instance;
  private final KafkaSettings kafka;
  private final Thread thread;
  private volatile boolean closed;
  private volatile boolean assigned;
  private volatile @Nullable Consumer<byte[], byte[]> consumer;
  final Topic topic;

  /**
   * @param instance name of this member, unique in the group and the same after a restart
   */
  GroupReader(String group, String instance, Topic topic, KafkaSettings kafka) {
    this.group = group;
    this.instance = instance;
    this.topic = topic;
    this.kafka = kafka;
    this.thread = new Thread(this::run, group);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Whether it has a part of the topic. */
  boolean isReady() {
    return assigned;
  }

  /** Nothing is known of what a former consumer has read. */
  void begin() {}

  /** Partitions go to somebody else. */
  void forget(Collection<TopicPartition> revoked) {}

  private final class Forgetting implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
      forget(revoked);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> added) {
      // Their positions are known with their first records.
    }
  }

  /** Polls once, with {@link #poll}, and does what there is to do; called again and again. */
  abstract void turn(Consumer<byte[], byte[]> c) throws InterruptedException, ExecutionException;

  ConsumerRecords<byte[], byte[]> poll(Consumer<byte[], byte[]> c, Duration most) {
    ConsumerRecords<byte[], byte[]> batch = c.poll(most);
    assigned = !c.assignment().isEmpty();
    return batch;
  }

  private void run() {
    Map<String, Object> config = kafka.member(group, Optional.of(instance));
    while (!closed) {
      begin();
      try (Consumer<byte[], byte[]> c = new KafkaConsumer<>(config)) {
        consumer = c;
        c.subscribe(List.of(topic.name()), new Forgetting());
        while (!closed) {
          turn(c);
        }
      } catch (WakeupException e) {
        LOGGER.atDebug().addKeyValue("group", group).log("woken up to stop");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (ExecutionException | RuntimeException e) {
        LOGGER
            .atWarn()
            .addKeyValue("group", group)
            .setCause(e)
            .log("following the log failed, starting over");
        pause();
      }
    }
  }

  private void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    var c = consumer;
    if (c != null) {
      c.wakeup();
    }
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
