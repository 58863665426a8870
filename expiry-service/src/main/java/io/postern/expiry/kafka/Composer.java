package io.postern.expiry.kafka;

import io.postern.log.EventCodec;
import io.postern.log.PoisonException;
import io.postern.log.Topics;
import io.postern.model.Scope;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Writes announcements from leases that were kept. Not safe for use by several threads. */
final class Composer {
  private static final int SCOPES_KEPT = 10_000;
  private static final LeaseReader.Content NOTHING =
      new LeaseReader.Content(
          "00000000-0000-0000-0000-000000000000",
          "00000000-0000-0000-0000-000000000000",
          "arn:aws:ec2:eu-west-1:000000000000:instance/i-00000000000000000",
          "aws:000000000000:eu-west-1",
          "nobody",
          "nowhere",
          0,
          0);

  /** What is announced of which lease, and the time that the event bears. */
  record Draft(Kind kind, LeaseReader.Content lease, Instant at) {}

  private final EventCodec codec;
  private final int partitions;
  private final LeaseReader reader;
  private final Spill spill;
  private final Map<String, Scope> scopes = new HashMap<>();

  Composer(EventCodec codec, int partitions, Spill spill) {
    this.codec = codec;
    this.partitions = partitions;
    this.reader = new LeaseReader(codec);
    this.spill = spill;
  }

  /**
   * The lease in a record that is verified; null when another one took its place in this very
   * moment, which has a timer of its own.
   */
  LeaseReader.@Nullable Content lease(long record) {
    Spill.Stored stored = spill.get(record);
    if (stored == null || stored.value() == null) {
      return null;
    }
    try {
      return reader.content(stored.value());
    } catch (PoisonException e) {
      throw new IllegalStateException("a verified lease cannot be read", e);
    }
  }

  /** Records under one signature, in the order of the drafts. */
  List<ProducerRecord<byte[], byte[]>> write(List<Draft> drafts) {
    List<ProducerRecord<byte[], byte[]>> records = drafts.stream().map(this::unsigned).toList();
    codec.signTogether(records);
    return records;
  }

  /** Writes an announcement of nothing, of each kind, and throws it away. */
  void rehearse(Instant at) {
    write(Arrays.stream(Kind.values()).map(k -> new Draft(k, NOTHING, at)).toList());
  }

  /** A record that still lacks its signature. */
  ProducerRecord<byte[], byte[]> unsigned(Draft d) {
    return codec.unsigned(
        Topics.EXPIRATIONS,
        scope(d.lease().scope()),
        partitions,
        d.lease().scope(),
        d.kind().event(d.lease(), d.at()),
        Optional.empty());
  }

  /** Puts one signature over all of them, with rests in between. */
  void sign(List<ProducerRecord<byte[], byte[]>> records, Runnable rest) {
    codec.signTogether(records, rest);
  }

  private Scope scope(String text) {
    if (scopes.size() > SCOPES_KEPT) {
      scopes.clear();
    }
    return scopes.computeIfAbsent(text, Scope::new);
  }
}
