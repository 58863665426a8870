package io.postern.audit.domain;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record of the log, as bytes; nothing in it is believed or decoded.
 *
 * @param timestamp the log's, in milliseconds since 1970 UTC
 * @param headers in their order
 */
@SuppressWarnings("ArrayRecordComponent") // Millions of them; nobody compares whole records.
public record LogRecord(
    long offset,
    long timestamp,
    byte @Nullable [] key,
    List<Header> headers,
    byte @Nullable [] value) {

  /** A header of a record; a name may stand several times. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Header(String name, byte @Nullable [] value) {}

  /** The last header of that name as text, or null. */
  public @Nullable String header(String name) {
    for (int i = headers.size() - 1; i >= 0; i--) {
      Header header = headers.get(i);
      byte[] text = header.value();
      if (header.name().equals(name) && text != null) {
        return new String(text, StandardCharsets.UTF_8);
      }
    }
    return null;
  }
}
