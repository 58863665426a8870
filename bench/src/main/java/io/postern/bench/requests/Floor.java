package io.postern.bench.requests;

import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/**
 * The least that a door can do which answers 202 for what is on the log: the same server and the
 * same sign-in, then a record of a request's size sent with acks=all, whatever the body is.
 */
@RestController
public final class Floor {
  static final String PATH = "/api/bench/floor";

  private final KafkaProducer<byte[], byte[]> producer;
  private final Supplier<ProducerRecord<byte[], byte[]>> record;

  Floor(KafkaProducer<byte[], byte[]> producer, Supplier<ProducerRecord<byte[], byte[]>> record) {
    this.producer = producer;
    this.record = record;
  }

  /** 202 once the record is acknowledged. */
  @PostMapping(PATH)
  public ResponseEntity<Void> accept(@RequestBody String body)
      throws ExecutionException, InterruptedException {
    producer.send(record.get()).get();
    return ResponseEntity.accepted().build();
  }
}
