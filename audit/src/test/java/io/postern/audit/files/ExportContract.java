package io.postern.audit.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.audit.checkpoint.Checkpoints;
import io.postern.audit.domain.Audit;
import io.postern.audit.domain.LogRecord;
import io.postern.audit.domain.Logs;
import io.postern.audit.domain.Place;
import io.postern.audit.domain.Stretch;
import io.postern.audit.domain.UnreadableCopyException;
import io.postern.audit.domain.Verdict;
import io.postern.log.SchemaRegistry;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** What an export promises of every store. */
public abstract class ExportContract {
  private static final long SEED = Long.getLong("postern.seed", System.nanoTime());
  private static final Place PLACE = Logs.PLACE;

  /** So that the few records of a test are several segments. */
  private static final long SMALL = 4_000;

  private final Platform platform = SharedPlatform.get();
  private final TrustStore trust = TrustStore.load(platform.keys().trust());
  private final Random random = new Random(SEED);
  private final List<LogRecord> log = Logs.records(random, 120);
  private final List<Export.Checkpoint> checkpoints = signed();

  /** A store that is empty when the name was not used before in this test. */
  protected abstract Store store(String name);

  /** What somebody with power over the place can do: put other content there. */
  protected abstract void overwrite(String store, String name, byte[] content) throws IOException;

  protected abstract void delete(String store, String name) throws IOException;

  private List<Export.Checkpoint> signed() {
    List<Export.Checkpoint> signed = new ArrayList<>();
    for (Stretch stretch : Logs.stretches(random, PLACE, log)) {
      ProducerRecord<byte[], byte[]> record =
          Checkpoints.encode(platform.codec(Topics.AUDIT), stretch);
      List<LogRecord.Header> headers = new ArrayList<>();
      record.headers().forEach(h -> headers.add(new LogRecord.Header(h.key(), h.value())));
      signed.add(
          new Export.Checkpoint(
              stretch,
              new LogRecord(
                  signed.size(), 1_790_000_000_000L, record.key(), headers, record.value())));
    }
    return signed;
  }

  private Export.Written export(Store to, List<Export.Checkpoint> under) {
    SchemaRegistry registry = new SchemaRegistry(List.of(platform.registryUrl()), Optional.empty());
    return new Export(to, trust, registry, SMALL)
        .bringUpToDate(
            PLACE, under, 0, from -> log.stream().filter(r -> r.offset() >= from).iterator());
  }

  private List<Verdict> verify(String name) {
    try (FileCopy copy = new FileCopy(store(name), trust)) {
      return new Audit(Instant.now(), Duration.ZERO, Map.of()).verify(copy, v -> {});
    }
  }

  private void assertAllProven(String name) {
    assertThat(verify(name))
        .as("seed %d", SEED)
        .singleElement()
        .satisfies(
            v -> {
              assertThat(v.finding()).isEmpty();
              assertThat(v.proven()).isEqualTo(log.size());
            });
  }

  private static byte[] read(Store store, String name) throws IOException {
    try (InputStream in = store.open(name)) {
      return in.readAllBytes();
    }
  }

  private static void write(Store store, String name, String text) throws IOException {
    try (Store.Draft draft = store.draft(name)) {
      draft.out().write(text.getBytes(StandardCharsets.UTF_8));
      draft.keep();
    }
  }

  @Test
  void goesOnWhereItWas() throws IOException {
    try (Store store = store("a")) {
      int half = checkpoints.size() / 2;
      Export.Written first = export(store, checkpoints.subList(0, half));
      assertThat(first.checkpoints()).isEqualTo(half);
      List<String> before = store.list("");
      Export.Written rest = export(store, checkpoints);
      assertThat(rest.checkpoints()).isEqualTo(checkpoints.size() - half);
      assertThat(first.records() + rest.records()).isEqualTo(log.size());
      assertThat(store.list("")).containsAll(before).hasSizeGreaterThan(before.size() + 1);
      assertThat(export(store, checkpoints).checkpoints()).isZero();
    }
    assertAllProven("a");
  }

  @Test
  void goesOnAfterAKillBeforeOrAfterAnyWrite() throws IOException {
    boolean killed = true;
    int kills = 0;
    for (int writes = 0; killed; writes++) {
      for (boolean landed : List.of(false, true)) {
        String name = "killed-" + writes + landed;
        try (Store store = store(name)) {
          killed = isKilled(new Mortal(store, writes, landed));
          if (killed) {
            kills++;
            export(store, checkpoints);
          }
        }
        assertAllProven(name);
      }
    }
    assertThat(kills).as("two for each segment's two writes").isGreaterThanOrEqualTo(8);
  }

  private boolean isKilled(Store store) {
    try {
      export(store, checkpoints);
      return false;
    } catch (java.io.UncheckedIOException e) {
      assertThat(e).hasMessageContaining("killed");
      return true;
    }
  }

  /** Lets some writes pass and dies in the next, before it is done or after. */
  private static final class Mortal implements Store {
    private final Store store;
    private final boolean landed;
    private int left;

    Mortal(Store store, int writes, boolean landed) {
      this.store = store;
      this.left = writes;
      this.landed = landed;
    }

    @Override
    public List<String> list(String prefix) throws IOException {
      return store.list(prefix);
    }

    @Override
    public InputStream open(String name) throws IOException {
      return store.open(name);
    }

    @Override
    public String where(String name) {
      return store.where(name);
    }

    @Override
    public Draft draft(String name) throws IOException {
      Draft draft = store.draft(name);
      return new Draft() {
        @Override
        public java.io.OutputStream out() {
          return draft.out();
        }

        @Override
        public void keep() throws IOException {
          boolean dies = left-- == 0;
          if (!dies || landed) {
            draft.keep();
          }
          if (dies) {
            throw new IOException("killed");
          }
        }

        @Override
        public void close() throws IOException {
          draft.close();
        }
      };
    }
  }

  @Test
  void whateverIsTamperedWithIsFound() throws IOException {
    try (Store store = store("a")) {
      export(store, checkpoints);
      List<String> names = store.list(PLACE + "/");
      assertThat(names).hasSizeGreaterThan(4);
      for (String name : names) {
        byte[] honest = read(store, name);
        String text = new String(honest, StandardCharsets.UTF_8);
        int at = text.indexOf("\"value\":\"") + 17;
        char other = text.charAt(at) == 'A' ? 'B' : 'A';
        tampered(name, text.substring(0, at) + other + text.substring(at + 1), honest);
        tampered(name, text.substring(text.indexOf('\n') + 1), honest);
        tampered(name, text + text, honest);
        delete("a", name);
        assertFound("deleted " + name);
        overwrite("a", name, honest);
      }
    }
    assertAllProven("a");
  }

  private void tampered(String name, String text, byte[] honest) throws IOException {
    overwrite("a", name, text.getBytes(StandardCharsets.UTF_8));
    boolean repeatedCheckpoints =
        name.endsWith(Layout.CHECKPOINTS) && text.length() > honest.length;
    if (!repeatedCheckpoints) {
      assertFound(name);
    }
    overwrite("a", name, honest);
  }

  private void assertFound(String what) {
    assertThat(verify("a"))
        .as("%s, seed %d", what, SEED)
        .anySatisfy(v -> assertThat(v.finding()).isPresent());
  }

  @Test
  void neverWritesOverWhatIsThere() throws IOException {
    try (Store store = store("a")) {
      write(store, "x/1/a", "first");
      assertThatThrownBy(() -> write(store, "x/1/a", "second"))
          .isInstanceOf(FileAlreadyExistsException.class);
      assertThat(read(store, "x/1/a")).asString(StandardCharsets.UTF_8).isEqualTo("first");
      try (Store.Draft dropped = store.draft("x/1/b")) {
        dropped.out().write(1);
      }
      write(store, "x/10/a", "");
      assertThat(store.list("x/1/")).containsExactly("x/1/a");
      assertThat(store.list("")).containsExactly("x/1/a", "x/10/a");
      assertThatThrownBy(() -> read(store, "x/1/b"))
          .isInstanceOf(java.nio.file.NoSuchFileException.class);
    }
  }

  @Test
  void refusesRecordsWithoutCheckpointsThatAreNotTheLogs() throws IOException {
    String name = Layout.records(PLACE, checkpoints.getFirst().stretch().fromOffset());
    try (Store store = store("a")) {
      LogRecord other = Logs.records(new Random(SEED + 1), 1).getFirst();
      write(store, name, RecordLine.write(other) + "\n");
      assertThatThrownBy(() -> export(store, checkpoints))
          .isInstanceOf(UnreadableCopyException.class)
          .hasMessageContaining(store.where(name))
          .hasMessageContaining("not those of the log");
      assertThat(store.list("")).containsExactly(name);
    }
  }
}
