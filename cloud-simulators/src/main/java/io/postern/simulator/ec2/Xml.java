package io.postern.simulator.ec2;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes the XML of an answer; values are escaped, null values left out. */
final class Xml {
  private final StringBuilder text = new StringBuilder(1024);

  Xml raw(String markup) {
    text.append(markup);
    return this;
  }

  Xml open(String tag) {
    text.append('<').append(tag).append('>');
    return this;
  }

  Xml close(String tag) {
    text.append("</").append(tag).append('>');
    return this;
  }

  /** An element with a time, to the second as EC2 gives them. */
  Xml time(String tag, Instant value) {
    return text(tag, value.truncatedTo(ChronoUnit.SECONDS));
  }

  Xml text(String tag, @Nullable Object value) {
    if (value != null) {
      open(tag);
      escape(value.toString());
      close(tag);
    }
    return this;
  }

  <T> Xml list(String tag, Collection<T> items, Consumer<? super T> item) {
    open(tag);
    for (T each : items) {
      open("item");
      item.accept(each);
      close("item");
    }
    return close(tag);
  }

  private void escape(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '<' -> text.append("&lt;");
        case '>' -> text.append("&gt;");
        case '&' -> text.append("&amp;");
        case '"' -> text.append("&quot;");
        default -> text.append(c);
      }
    }
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
