package io.postern.request.sql;

import io.postern.request.domain.InvalidCursorException;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The place in a list, newest first, behind which a page begins: it stays right while newer things
 * come.
 *
 * @param at when the last item of the page before was, in microseconds
 * @param id its id, among those of the same moment
 */
record Cursor(long at, UUID id) {
  private static final Pattern TEXT =
      Pattern.compile("([0-9]{1,18})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

  static Optional<Cursor> parse(Optional<String> text) {
    return text.map(
        t -> {
          Matcher m = TEXT.matcher(t);
          if (!m.matches()) {
            throw new InvalidCursorException(t);
          }
          return new Cursor(Long.parseLong(m.group(1)), UUID.fromString(m.group(2)));
        });
  }

  /**
   * Has a query find only what lies behind this.
   *
   * @param at the column of the moment
   * @param id the column of the id
   */
  void limit(Where where, String at, String id) {
    // The first of the two is for the index: along it the query begins here.
    where
        .and("%1$s <= :at and (%1$s < :at or %2$s < :id)".formatted(at, id), "at", (Object) this.at)
        .with("id", this.id);
  }

  /** A cursor that is a number. */
  static Optional<Long> number(Optional<String> text) {
    return text.map(
        t -> {
          if (!NUMBER.matcher(t).matches()) {
            throw new InvalidCursorException(t);
          }
          return Long.parseLong(t);
        });
  }

  @Override
  public String toString() {
    return at + "_" + id;
  }
}
