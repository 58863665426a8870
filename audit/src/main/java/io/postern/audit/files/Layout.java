package io.postern.audit.files;

import io.postern.audit.domain.Place;
import io.postern.audit.domain.UnreadableCopyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Where things are in an exported copy:
 *
 * <pre>
 * &lt;topic&gt;/&lt;partition&gt;/&lt;first offset, 20 digits&gt;.records.jsonl       records
 * &lt;topic&gt;/&lt;partition&gt;/&lt;first offset, 20 digits&gt;.checkpoints.jsonl   the checkpoints of these records
 * schemas/&lt;id&gt;.avsc                                             the schemas that values name
 * </pre>
 */
record Layout(Store store) {
  static final String RECORDS = ".records.jsonl";
  static final String CHECKPOINTS = ".checkpoints.jsonl";
  static final String SCHEMAS = "schemas/";

  static String records(Place place, long firstOffset) {
    return place + "/%020d".formatted(firstOffset) + RECORDS;
  }

  static String checkpoints(Place place, long firstOffset) {
    return place + "/%020d".formatted(firstOffset) + CHECKPOINTS;
  }

  static String schema(int id) {
    return SCHEMAS + id + ".avsc";
  }

  /** The number that the last part of a name begins with: an offset, or the id of a schema. */
  long number(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    try {
      return Long.parseLong(last.substring(0, Math.max(0, last.indexOf('.'))));
    } catch (NumberFormatException e) {
      throw new UnreadableCopyException(store.where(name) + " does not belong into a copy");
    }
  }

  /** What of a partition ends so, in the order of the offsets. */
  List<String> files(Place place, String suffix) {
    return list(place + "/").stream().filter(n -> n.endsWith(suffix)).toList();
  }

  SortedSet<Place> places() {
    SortedSet<Place> places = new TreeSet<>();
    for (String name : list("")) {
      int last = name.lastIndexOf('/');
      if (name.indexOf('/') < last) {
        places.add(place(name, name.substring(0, last)));
      }
    }
    return places;
  }

  private Place place(String name, String of) {
    try {
      return Place.parse(of);
    } catch (IllegalArgumentException e) {
      throw new UnreadableCopyException(store.where(name) + " does not belong into a copy");
    }
  }

  List<String> list(String prefix) {
    try {
      return store.list(prefix);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + store.where(prefix) + ": " + e, e);
    }
  }
}
