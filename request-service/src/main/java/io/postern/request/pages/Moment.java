package io.postern.request.pages;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * A moment on a page.
 *
 * @param iso for the page's script, which counts down and tells it in the reader's own zone
 * @param text for who has no script
 * @param away how far it is from now, such as "in 14 min" or "3 min ago"
 */
record Moment(String iso, String text, String away) {
  private static final DateTimeFormatter TEXT =
      DateTimeFormatter.ofPattern("d MMM HH:mm:ss 'UTC'", Locale.ENGLISH).withZone(ZoneOffset.UTC);

  static Moment of(Instant moment, Instant now) {
    Duration away = Duration.between(now, moment);
    String how = away.isNegative() ? words(away.negated()) + " ago" : "in " + words(away);
    return new Moment(moment.truncatedTo(ChronoUnit.SECONDS).toString(), TEXT.format(moment), how);
  }

  /** A length of time in its two largest units at most. */
  static String words(Duration d) {
    if (d.toDays() > 0) {
      return d.toDays() + " d" + (d.toHoursPart() > 0 ? " " + d.toHoursPart() + " h" : "");
    }
    if (d.toHours() > 0) {
      return d.toHours() + " h" + (d.toMinutesPart() > 0 ? " " + d.toMinutesPart() + " min" : "");
    }
    return d.toMinutes() > 0 ? d.toMinutes() + " min" : d.toSeconds() + " s";
  }
}
