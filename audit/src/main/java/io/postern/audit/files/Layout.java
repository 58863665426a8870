package io.postern.audit.files;

import io.postern.audit.domain.Place;
import io.postern.audit.domain.UnreadableCopyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Where things are in an exported copy:
 *
 * <pre>
 * DIR/&lt;topic&gt;/&lt;partition&gt;/&lt;first offset, 20 digits&gt;.records.jsonl       records
 * DIR/&lt;topic&gt;/&lt;partition&gt;/&lt;first offset, 20 digits&gt;.checkpoints.jsonl   the checkpoints of these records
 * DIR/schemas/&lt;id&gt;.avsc                                             the schemas that values name
 * </pre>
 */
record Layout(Path directory) {
  static final String RECORDS = ".records.jsonl";
  static final String CHECKPOINTS = ".checkpoints.jsonl";

  Path of(Place place) {
    return directory.resolve(place.topic()).resolve(Integer.toString(place.partition()));
  }

  Path schemas() {
    return directory.resolve("schemas");
  }

  Path records(Place place, long firstOffset) {
    return of(place).resolve("%020d".formatted(firstOffset) + RECORDS);
  }

  Path checkpoints(Place place, long firstOffset) {
    return of(place).resolve("%020d".formatted(firstOffset) + CHECKPOINTS);
  }

  /** Files of a partition that end so, in the order of their offsets. */
  List<Path> files(Place place, String suffix) {
    return list(of(place)).stream()
        .filter(p -> p.getFileName().toString().endsWith(suffix))
        .toList();
  }

  SortedSet<Place> places() {
    SortedSet<Place> places = new TreeSet<>();
    for (Path topic : list(directory)) {
      if (!topic.equals(schemas()) && Files.isDirectory(topic)) {
        for (Path partition : list(topic)) {
          places.add(place(topic, partition));
        }
      }
    }
    return places;
  }

  private static Place place(Path topic, Path partition) {
    try {
      return Place.parse(topic.getFileName() + "/" + partition.getFileName());
    } catch (IllegalArgumentException e) {
      throw new UnreadableCopyException(partition + " does not belong into a copy");
    }
  }

  static List<Path> list(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + directory, e);
    }
  }
}
