package io.postern.expiry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.log.LogTail;
import io.postern.log.Topics;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Two tails, of which one is slow. */
class IntakeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Platform platform = SharedPlatform.get();
  private final AtomicInteger made = new AtomicInteger();
  private final AtomicInteger armings = new AtomicInteger();
  private final CountDownLatch ready = new CountDownLatch(1);
  private final CountDownLatch held = new CountDownLatch(1);
  private final Set<String> heard = ConcurrentHashMap.newKeySet();

  /** The first waits at its beginning; the second tells what it hears. */
  private LogTail.Handler handler(Runnable caughtUp) {
    boolean slow = made.getAndIncrement() == 0;
    return new LogTail.Handler() {
      @Override
      public Map<TopicPartition, Long> startAt(Map<TopicPartition, Long> ends) {
        if (slow) {
          awaitRelease();
        }
        return ends;
      }

      @Override
      public void onRecord(ConsumerRecord<byte[], byte[]> record) {
        heard.add(new String(record.value(), StandardCharsets.UTF_8));
      }

      @Override
      public void onCaughtUp() {
        caughtUp.run();
        if (!slow) {
          ready.countDown();
        }
      }
    };
  }

  private void awaitRelease() {
    try {
      assertThat(held.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whoHasReadItsShareHearsWhatIsAnnouncedWhileTheOtherReads() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("test");
        Intake intake =
            new Intake(
                platform.connection(Topics.EXPIRY_SERVICE),
                Duration.ofMillis(1),
                this::handler,
                armings::incrementAndGet)) {
      intake.start();
      assertThat(ready.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      producer
          .send(
              new ProducerRecord<>(
                  Topics.EXPIRATIONS.name(), 1, null, "announced".getBytes(StandardCharsets.UTF_8)))
          .get();
      await().atMost(PATIENCE).until(() -> heard.contains("announced"));
      assertThat(intake.isArmed()).isFalse();
      assertThat(armings).hasValue(0);
      held.countDown();
      await().atMost(PATIENCE).until(intake::isArmed);
      assertThat(armings).hasValue(1);
    } finally {
      held.countDown();
    }
  }
}
