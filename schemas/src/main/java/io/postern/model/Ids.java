package io.postern.model;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Ids derived from what they name, so that a repeat makes the same id. */
public final class Ids {
  private Ids() {}

  /** A name-based UUID over the parts, in order; parts may hold any text. */
  public static UUID derived(String... parts) {
    StringBuilder name = new StringBuilder("postern");
    for (String part : parts) {
      name.append('\n').append(part.length()).append(':').append(part);
    }
    return UUID.nameUUIDFromBytes(name.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads a UUID in its canonical form.
   *
   * @throws InvalidValueException when it is none
   */
  public static UUID parse(String text) {
    if (!isCanonical(text)) {
      throw new InvalidValueException("must be a UUID", text);
    }
    return UUID.fromString(text);
  }

  // By hand: ids are read in every record, and a regular expression took a tenth of that.
  private static boolean isCanonical(String text) {
    if (text.length() != 36) {
      return false;
    }
    for (int i = 0; i < 36; i++) {
      char c = text.charAt(i);
      boolean fits =
          i == 8 || i == 13 || i == 18 || i == 23
              ? c == '-'
              : c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
      if (!fits) {
        return false;
      }
    }
    return true;
  }
}
