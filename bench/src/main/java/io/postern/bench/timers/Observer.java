package io.postern.bench.timers;

import io.postern.bench.Spread;
import io.postern.log.Headers;
import io.postern.log.KafkaSettings;
import io.postern.log.LogTail;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Sees the records of one topic: append time and id (the CloudEvents subject). */
final class Observer implements AutoCloseable {

  /**
   * How late what fell due was on the topic, in milliseconds. Both instants are whole milliseconds,
   * the log's rounded down; hence percentiles within the millisecond. The latest is a whole one.
   */
  record Result(double p50, double p99, double max, int lost, int doubled, int early) {}

  private final LogTail tail;
  private List<ConsumerRecord<byte[], byte[]>> seen = new ArrayList<>();

  Observer(KafkaSettings kafka, String topic) throws InterruptedException {
    tail = new LogTail("observer-" + topic, kafka, List.of(topic), this::add).start();
    tail.awaitCaughtUp(Duration.ofMinutes(2));
  }

  private synchronized void add(ConsumerRecord<byte[], byte[]> record) {
    seen.add(record);
  }

  private synchronized int count() {
    return seen.size();
  }

  synchronized void reset() {
    seen = new ArrayList<>();
  }

  /** Waits until as many as were due are there, or the limit is over, and judges them. */
  Result judge(List<Due> due, long limitMillis) throws InterruptedException {
    while (count() < due.size() && System.currentTimeMillis() < limitMillis) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    TimeUnit.MILLISECONDS.sleep(300);
    List<ConsumerRecord<byte[], byte[]>> records;
    synchronized (this) {
      records = List.copyOf(seen);
    }
    Map<String, Long> at = new HashMap<>();
    int doubled = 0;
    for (ConsumerRecord<byte[], byte[]> r : records) {
      String id = String.valueOf(Headers.text(r.headers(), Headers.SUBJECT));
      if (at.putIfAbsent(id, r.timestamp()) != null) {
        doubled++;
      }
    }
    return judge(due, at, doubled);
  }

  private static Result judge(List<Due> due, Map<String, Long> at, int doubled) {
    List<Long> late = new ArrayList<>();
    int lost = 0;
    int early = 0;
    for (Due d : due) {
      Long millis = at.get(name(d.id()));
      if (millis == null) {
        lost++;
      } else {
        late.add(millis - d.atMillis());
        early += millis < d.atMillis() ? 1 : 0;
      }
    }
    double[] millis = late.stream().mapToDouble(Long::doubleValue).toArray();
    return new Result(
        percentile(millis, 50),
        percentile(millis, 99),
        late.isEmpty() ? Double.NaN : Spread.percentile(millis, 100),
        lost,
        doubled,
        early);
  }

  static String name(UUID id) {
    return id.toString();
  }

  private static double percentile(double[] millis, double p) {
    return millis.length == 0 ? Double.NaN : Spread.percentileOfRoundedDown(millis, p);
  }

  @Override
  public void close() {
    tail.close();
  }
}
