package io.postern.model;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.regex.Pattern;

/** Ids derived from what they name, so that a repeat makes the same id. */
public final class Ids {
  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

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
    if (!UUID_FORM.matcher(text).matches()) {
      throw new InvalidValueException("must be a UUID", text);
    }
    return UUID.fromString(text);
  }
}
