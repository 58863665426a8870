package io.postern.audit.cli;

import io.postern.audit.checkpoint.Checkpoints;
import io.postern.audit.domain.LogRecord;
import io.postern.audit.domain.Place;
import io.postern.audit.domain.Stretch;
import io.postern.audit.files.DirectoryStore;
import io.postern.audit.files.Export;
import io.postern.audit.files.Store;
import io.postern.audit.log.KafkaCopy;
import io.postern.audit.s3.Bucket;
import io.postern.audit.s3.S3Store;
import io.postern.log.PoisonException;
import io.postern.log.TrustStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code postern audit export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description =
        "Copy all records that are checked, and their checkpoints, into files or a bucket; what is"
            + " there is kept and added to. Kafka's retention does not touch them.")
final class ExportCommand implements Callable<Integer> {
  @Mixin Session session = new Session();

  @Mixin S3Options s3 = new S3Options();

  @ArgGroup(multiplicity = "1")
  Where where = new Where();

  @Option(
      names = "--retain",
      paramLabel = "DURATION",
      description =
          "lock what is written to a bucket that long against everybody (S3 Object Lock in compliance"
              + " mode, which cannot be taken back), ISO 8601, for example P365D")
  @Nullable Duration retain;

  static final class Where {
    @Parameters(paramLabel = "DIR", description = "the directory to write to; see docs/audit.md")
    @Nullable String directory;

    @Option(
        names = "--to",
        paramLabel = "DIR|s3://BUCKET/PREFIX",
        description = "a directory, or a bucket of S3 or of what speaks as it does")
    @Nullable String to;

    String text() {
      return to != null ? to : String.valueOf(directory);
    }
  }

  @Override
  public Integer call() {
    String to = where.text();
    if (!Bucket.isMeant(to)) {
      if (retain != null) {
        throw new CliException(
            CliException.USAGE, "--retain locks objects of a bucket; a directory has no locks");
      }
      return export(new DirectoryStore(Path.of(to)), to);
    }
    if (retain != null && !retain.isPositive()) {
      throw new CliException(CliException.USAGE, "--retain must be longer than nothing");
    }
    try (S3Store store = s3.open(session, to, Optional.ofNullable(retain))) {
      return export(store, to);
    }
  }

  private int export(Store store, String to) {
    TrustStore trust = session.trust();
    long records = 0;
    long checkpoints = 0;
    try (KafkaCopy log = new KafkaCopy(session.kafka(), trust)) {
      Export export = new Export(store, trust, session.registry());
      for (Map.Entry<Place, List<Export.Checkpoint>> entry : signed(log, trust).entrySet()) {
        Place place = entry.getKey();
        Export.Written written =
            export.bringUpToDate(
                place, entry.getValue(), log.start(place), from -> log.records(place, from));
        records += written.records();
        checkpoints += written.checkpoints();
        print(written);
      }
    }
    if (!session.json) {
      session.say(
          "%,d records under %,d checkpoints were added to %s".formatted(records, checkpoints, to));
    }
    return 0;
  }

  private void print(Export.Written written) {
    if (session.json) {
      session.say(
          tools.jackson.databind.json.JsonMapper.shared()
              .createObjectNode()
              .put("topic", written.place().topic())
              .put("partition", written.place().partition())
              .put("records", written.records())
              .put("checkpoints", written.checkpoints())
              .put("nextOffset", written.nextOffset())
              .toString());
    }
  }

  private Map<Place, List<Export.Checkpoint>> signed(KafkaCopy log, TrustStore trust) {
    Map<Place, List<Export.Checkpoint>> signed = new TreeMap<>();
    for (int partition : log.checkpointPartitions()) {
      Iterator<LogRecord> records = log.checkpointRecords(partition);
      while (records.hasNext()) {
        LogRecord record = records.next();
        try {
          Stretch stretch = Checkpoints.decode(record, trust);
          List<Export.Checkpoint> of =
              signed.computeIfAbsent(stretch.place(), p -> new ArrayList<>());
          if (of.isEmpty() || !of.getLast().stretch().sameAs(stretch)) {
            of.add(new Export.Checkpoint(stretch, record));
          }
        } catch (PoisonException e) {
          session
              .err()
              .println(
                  "postern: jit.checkpoints/%d offset %d is left out: %s"
                      .formatted(partition, record.offset(), e.getMessage()));
        }
      }
    }
    return signed;
  }
}
