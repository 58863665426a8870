package io.postern.request.domain;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A page of a list.
 *
 * @param next what asks for the page behind it; empty when this is the last
 */
public record Page<T>(List<T> items, Optional<String> next) {
  public Page {
    items = List.copyOf(items);
  }

  /** The same page, of something else. */
  public <R> Page<R> map(Function<? super T, R> how) {
    return new Page<>(items.stream().<R>map(how).toList(), next);
  }
}
