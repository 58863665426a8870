package io.postern.audit.checkpoint;

import io.postern.audit.domain.Digests;
import io.postern.audit.domain.LogRecord;
import io.postern.audit.domain.Place;
import io.postern.audit.domain.Stretch;
import io.postern.event.Checkpoint;
import io.postern.log.AvroFraming;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.PoisonException;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Checkpoints as records of {@code jit.checkpoints}. */
public final class Checkpoints {
  private static final HexFormat HEX = HexFormat.of();

  private Checkpoints() {}

  /** The signed record of a stretch. */
  public static ProducerRecord<byte[], byte[]> encode(EventCodec codec, Stretch stretch) {
    List<Long> gaps = new ArrayList<>(stretch.offsets().length);
    long due = stretch.fromOffset();
    for (long offset : stretch.offsets()) {
      gaps.add(offset - due);
      due = offset + 1;
    }
    return codec.encode(
        Topics.CHECKPOINTS,
        stretch.place().toString(),
        new Checkpoint(
            stretch.place().topic(),
            stretch.place().partition(),
            stretch.nextOffset(),
            stretch.records(),
            HEX.formatHex(stretch.hash()),
            stretch.checkedAt(),
            stretch.fromOffset(),
            HEX.formatHex(stretch.previousHash()),
            gaps,
            ByteBuffer.wrap(stretch.digests())),
        Optional.empty());
  }

  /**
   * Reads a checkpoint that the audit consumer signed. It needs no registry, so that an auditor
   * needs nobody's word on what the bytes mean.
   *
   * @throws PoisonException when the signature is not the audit consumer's, or the content is not a
   *     checkpoint
   */
  public static Stretch decode(LogRecord record, TrustStore trust) throws PoisonException {
    byte[] key = record.key();
    byte[] value = record.value();
    if (key == null || value == null) {
      throw new PoisonException(PoisonException.Cause.INVALID_CONTENT, "key or value is missing");
    }
    EventCodec.checkWriter(
        Topics.CHECKPOINTS,
        trust.verify(Topics.CHECKPOINTS.name(), key, value, record.header(Headers.SIGNATURE)));
    Stretch stretch = decode(value);
    if (!stretch.place().toString().equals(new String(key, StandardCharsets.UTF_8))) {
      throw new PoisonException(
          PoisonException.Cause.INVALID_CONTENT, "the checkpoint stands under another's key");
    }
    return stretch;
  }

  private static Stretch decode(byte[] value) throws PoisonException {
    try {
      return toStretch((Checkpoint) AvroFraming.decodeAs(Checkpoint.class, value));
    } catch (IllegalArgumentException e) {
      throw new PoisonException(
          PoisonException.Cause.INVALID_CONTENT, "not a checkpoint: " + e.getMessage());
    }
  }

  private static Stretch toStretch(Checkpoint event) {
    long[] offsets = new long[event.getGaps().size()];
    long due = event.getFromOffset();
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = due + event.getGaps().get(i);
      due = offsets[i] + 1;
    }
    byte[] digests = new byte[event.getDigests().remaining()];
    event.getDigests().duplicate().get(digests);
    return new Stretch(
        new Place(event.getTopic(), event.getPartition()),
        event.getFromOffset(),
        event.getNextOffset(),
        event.getRecords(),
        HEX.parseHex(event.getPreviousHash()),
        HEX.parseHex(event.getHash()),
        offsets,
        digests,
        event.getCheckedAt());
  }

  /** The chain of a place goes on after this one, if it is sound. */
  public static void check(Stretch stretch, Digests with) {
    if (!stretch.holds(with)) {
      throw new IllegalStateException(
          "the last checkpoint of "
              + stretch.place()
              + " is signed, and its hash does not follow from its records");
    }
  }
}
