package io.postern.request.domain;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names the last event that somebody has seen of a stream, so that it goes on behind it.
 *
 * @param generation of the store in whose order the position is
 * @param position in that order
 * @param at when the event was recorded, to go on from when the store was rebuilt since
 */
public record StreamId(String generation, long position, Instant at) {
  private static final Pattern TEXT =
      Pattern.compile("([0-9a-z-]{1,40})_([0-9]{1,18})_([0-9]{1,15})");

  /** An id as a client gives it back; empty when it is none of ours. */
  public static Optional<StreamId> parse(String text) {
    Matcher m = TEXT.matcher(text);
    return m.matches()
        ? Optional.of(
            new StreamId(
                m.group(1),
                Long.parseLong(m.group(2)),
                Instant.ofEpochMilli(Long.parseLong(m.group(3)))))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return generation + "_" + position + "_" + at.toEpochMilli();
  }
}
