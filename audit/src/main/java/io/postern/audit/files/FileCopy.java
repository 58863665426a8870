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
  private final Layout layout;
  private final TrustStore trust;
  private @Nullable Lines open;

  /**
   * @throws IllegalArgumentException when there is no such directory
   */
  public FileCopy(Path directory, TrustStore trust) {
    if (!Files.isDirectory(directory)) {
      throw new IllegalArgumentException("there is no directory " + directory);
    }
    this.layout = new Layout(directory);
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
      for (Path file : layout.files(place, Layout.CHECKPOINTS)) {
        read(place, file, of).ifPresent(why -> refused.putIfAbsent(place, why));
      }
    }
    return new Held(stretches, refused);
  }

  /** Adds what a file holds; answers why it does not go on to its end. */
  private Optional<String> read(Place place, Path file, List<Stretch> into) {
    int line = 0;
    try (Lines lines = new Lines(List.of(file))) {
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
    close();
    Lines lines = new Lines(layout.files(place, Layout.RECORDS));
    open = lines;
    return lines;
  }

  /** The schemas that were exported with the records. */
  public SchemaRegistry schemas() {
    Map<Integer, Schema> schemas = new HashMap<>();
    for (Path file : Layout.list(layout.schemas())) {
      String name = file.getFileName().toString();
      try {
        schemas.put(
            Integer.parseInt(name.substring(0, name.indexOf('.'))),
            new SchemaParser().parse(Files.readString(file)).mainSchema());
      } catch (IOException | RuntimeException e) {
        throw new UnreadableCopyException(file + " is no schema");
      }
    }
    return SchemaRegistry.kept(schemas);
  }

  @Override
  public void close() {
    Lines lines = open;
    open = null;
    if (lines != null) {
      lines.close();
    }
  }
}
