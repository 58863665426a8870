package io.postern.audit.files;

import io.postern.audit.checkpoint.Checkpoints;
import io.postern.audit.domain.Copy;
import io.postern.audit.domain.LogRecord;
import io.postern.audit.domain.Place;
import io.postern.audit.domain.Stretch;
import io.postern.audit.domain.UnreadableCopyException;
import io.postern.audit.domain.Verifier;
import io.postern.log.PoisonException;
import io.postern.log.SchemaRegistry;
import io.postern.log.TrustStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;
import org.jspecify.annotations.Nullable;

/** An exported copy, see {@link Layout}. Needs nobody's word but the keys'. */
public final class FileCopy implements Copy {
  private final Store store;
  private final Layout layout;
  private final TrustStore trust;
  private @Nullable Lines open;

  /**
   * @throws IllegalArgumentException when there is no such directory
   */
  public FileCopy(Path directory, TrustStore trust) {
    this(new DirectoryStore(directory), trust);
    if (!Files.isDirectory(directory)) {
      throw new IllegalArgumentException("there is no directory " + directory);
    }
  }

  /** The copy that a store holds, which is closed with it. */
  public FileCopy(Store store, TrustStore trust) {
    this.store = store;
    this.layout = new Layout(store);
    this.trust = trust;
  }

  @Override
  public SortedSet<Place> places() {
    return layout.places();
  }

  @Override
  public Held checkpoints() {
    Map<Place, List<Stretch>> stretches = new TreeMap<>();
    Map<Place, String> refused = new TreeMap<>();
    for (Place place : places()) {
      List<Stretch> of = stretches.computeIfAbsent(place, p -> new ArrayList<>());
      for (String file : layout.files(place, Layout.CHECKPOINTS)) {
        read(place, file, of).ifPresent(why -> refused.putIfAbsent(place, why));
      }
    }
    return new Held(stretches, refused);
  }

  /** Adds what a file holds; answers why it does not go on to its end. */
  private Optional<String> read(Place place, String name, List<Stretch> into) {
    int line = 0;
    String file = store.where(name);
    try (Lines lines = new Lines(store, List.of(name))) {
      while (lines.hasNext()) {
        line++;
        Stretch stretch = Checkpoints.decode(lines.next(), trust);
        if (!stretch.place().equals(place)) {
          return Optional.of(
              "line %d of %s is a checkpoint of %s".formatted(line, file, stretch.place()));
        }
        into.add(stretch);
      }
      return Optional.empty();
    } catch (UnreadableCopyException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (PoisonException e) {
      return Optional.of(
          "line %d of %s is no checkpoint of the audit consumer: %s"
              .formatted(line, file, e.getMessage()));
    }
  }

  /** All that a checkpoint names must be there. */
  @Override
  public long start(Place place) {
    return 0;
  }

  /** The export ends with a checkpoint. */
  @Override
  public Verifier.End end() {
    return Verifier.End.SHUT;
  }

  @Override
  public Iterator<LogRecord> records(Place place, long from) {
    closeRecords();
    Lines lines = new Lines(store, layout.files(place, Layout.RECORDS));
    open = lines;
    return lines;
  }

  /** The schemas that were exported with the records. */
  public SchemaRegistry schemas() {
    Map<Integer, Schema> schemas = new HashMap<>();
    for (String name : layout.list(Layout.SCHEMAS)) {
      try (InputStream in = store.open(name)) {
        schemas.put(
            Math.toIntExact(layout.number(name)), new SchemaParser().parse(in).mainSchema());
      } catch (IOException | RuntimeException e) {
        throw new UnreadableCopyException(store.where(name) + " is no schema");
      }
    }
    return SchemaRegistry.kept(schemas);
  }

  private void closeRecords() {
    Lines lines = open;
    open = null;
    if (lines != null) {
      lines.close();
    }
  }

  @Override
  public void close() {
    closeRecords();
    store.close();
  }
}
