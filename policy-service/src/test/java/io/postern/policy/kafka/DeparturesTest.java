package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class DeparturesTest {
  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final Departures departures = new Departures(producer);

  private static List<ProducerRecord<byte[], byte[]>> records(int count) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      records.add(new ProducerRecord<>("t", 0, new byte[] {(byte) i}, new byte[0]));
    }
    return records;
  }

  private static List<Integer> keys(List<ProducerRecord<byte[], byte[]>> records) {
    return records.stream().map(r -> (int) r.key()[0]).toList();
  }

  @Test
  void whatMayWaitLeavesWithTheOthersInOrder() {
    List<CompletableFuture<?>> sent = new ArrayList<>();
    for (ProducerRecord<byte[], byte[]> each : records(3)) {
      sent.add(departures.soon(List.of(each)));
    }
    assertThat(producer.history()).isEmpty();
    departures.leave();
    assertThat(keys(producer.history())).containsExactly(0, 1, 2);
    assertThat(sent).noneMatch(CompletableFuture::isDone);
    producer.completeNext();
    assertThat(sent.get(0)).isCompleted();
    assertThat(sent.get(1)).isNotDone();
    departures.leave();
    assertThat(producer.history()).hasSize(3);
  }

  @Test
  void noneWaitsForMoreThanAFewOthers() {
    List<ProducerRecord<byte[], byte[]>> many = records(Departures.TOGETHER);
    many.subList(0, Departures.TOGETHER - 1).forEach(r -> departures.soon(List.of(r)));
    assertThat(producer.history()).isEmpty();
    departures.soon(many.subList(Departures.TOGETHER - 1, Departures.TOGETHER));
    assertThat(producer.history()).hasSize(Departures.TOGETHER);
  }

  @Test
  void whatIsLateAlreadyWaitsForNobody() {
    departures.soon(records(1));
    CompletableFuture<?> sent = departures.now(records(2));
    assertThat(producer.history()).hasSize(2);
    producer.completeNext();
    assertThat(sent).isNotDone();
    producer.completeNext();
    assertThat(sent).isCompleted();
  }

  @Test
  void oneThatCannotBeSentFailsByItself() {
    CompletableFuture<?> first = departures.soon(records(1));
    CompletableFuture<?> second = departures.soon(records(1));
    producer.sendException = new IllegalStateException("broken");
    departures.leave();
    assertThat(first).isCompletedExceptionally();
    assertThat(second).isCompletedExceptionally();
    producer.sendException = null;
    CompletableFuture<?> third = departures.now(records(1));
    producer.errorNext(new IllegalStateException("refused"));
    assertThat(third).isCompletedExceptionally();
  }
}
