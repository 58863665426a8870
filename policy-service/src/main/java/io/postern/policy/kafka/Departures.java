package io.postern.policy.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Records on their way to the log. A producer that does not linger sends a request for nearly every
 * record while its caller has something to do between them, and a request costs the broker more
 * than the record. So those that have others behind them leave a few at a time. For one thread, but
 * for {@link #now}.
 */
final class Departures {
  /** So many records leave at once; at most so many vettings are waited for. */
  static final int TOGETHER = 64;

  private record Waiting(ProducerRecord<byte[], byte[]> record, CompletableFuture<?> sent) {}

  private final Producer<byte[], byte[]> producer;
  private final List<Waiting> waiting = new ArrayList<>();

  Departures(Producer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  /**
   * Sends records with others, at the next {@link #leave} at the latest.
   *
   * @return completes once they are on the log
   */
  CompletableFuture<?> soon(List<ProducerRecord<byte[], byte[]>> records) {
    List<Waiting> added = records.stream().map(Departures::waiting).toList();
    waiting.addAll(added);
    if (waiting.size() >= TOGETHER) {
      leave();
    }
    return all(added);
  }

  /** Sends what waits. */
  void leave() {
    waiting.forEach(this::send);
    waiting.clear();
  }

  /**
   * Sends records at once; by any thread.
   *
   * @return completes once they are on the log
   */
  CompletableFuture<?> now(List<ProducerRecord<byte[], byte[]>> records) {
    List<Waiting> added = records.stream().map(Departures::waiting).toList();
    added.forEach(this::send);
    return all(added);
  }

  private static Waiting waiting(ProducerRecord<byte[], byte[]> record) {
    return new Waiting(record, new CompletableFuture<>());
  }

  private static CompletableFuture<?> all(List<Waiting> these) {
    return these.size() == 1
        ? these.get(0).sent()
        : CompletableFuture.allOf(
            these.stream().map(Waiting::sent).toArray(CompletableFuture[]::new));
  }

  private void send(Waiting each) {
    try {
      producer.send(
          each.record(),
          (metadata, e) -> {
            if (e == null) {
              each.sent().complete(null);
            } else {
              each.sent().completeExceptionally(e);
            }
          });
    } catch (RuntimeException e) {
      // The others leave all the same.
      each.sent().completeExceptionally(e);
    }
  }
}
