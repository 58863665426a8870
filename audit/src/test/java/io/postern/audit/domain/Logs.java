package io.postern.audit.domain;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Made-up partitions with the gaps that transactions and compaction leave, and their proofs. */
public final class Logs {
  public static final Place PLACE = new Place("jit.decisions", 3);

  /** So that what is cut at the ends of stretches is cut often enough, whatever the seed. */
  private static final int LONGEST = 25;

  private Logs() {}

  /** A partition of a log; a third of the steps leaves a gap. */
  public static List<LogRecord> records(Random random, int count) {
    List<LogRecord> records = new ArrayList<>();
    long offset = random.nextInt(50);
    long time = 1_790_000_000_000L;
    for (int i = 0; i < count; i++) {
      time += random.nextInt(3);
      records.add(record(random, offset, time, i));
      offset += random.nextInt(3) == 0 ? 1 + random.nextInt(9) : 1;
    }
    return records;
  }

  static LogRecord record(Random random, long offset, long time, int serial) {
    byte[] value = new byte[20 + random.nextInt(60)];
    random.nextBytes(value);
    return new LogRecord(
        offset,
        time,
        random.nextInt(10) == 0
            ? null
            : ("key-" + random.nextInt(20)).getBytes(StandardCharsets.UTF_8),
        List.of(
            new LogRecord.Header(
                "ce_id", Integer.toString(serial).getBytes(StandardCharsets.UTF_8)),
            new LogRecord.Header("traceparent", null)),
        random.nextInt(20) == 0 ? null : value);
  }

  /** Checkpoints of stretches of random lengths, at most {@link #LONGEST}, over all records. */
  public static List<Stretch> stretches(Random random, Place place, List<LogRecord> records) {
    Folding folding = Folding.begin(place, new Digests(), 0);
    List<Stretch> stretches = new ArrayList<>();
    for (LogRecord record : records) {
      folding.fold(record);
      if (random.nextInt(10) == 0 || folding.pending() == LONGEST) {
        stretches.add(folding.take(Instant.EPOCH));
      }
    }
    if (folding.pending() > 0) {
      stretches.add(folding.take(Instant.EPOCH));
    }
    return stretches;
  }

  static Proof proof(Random random, List<LogRecord> records) {
    return Proof.join(PLACE, stretches(random, PLACE, records), new Digests());
  }

  static LogRecord at(LogRecord record, long offset) {
    return new LogRecord(
        offset, record.timestamp(), record.key(), record.headers(), record.value());
  }
}
