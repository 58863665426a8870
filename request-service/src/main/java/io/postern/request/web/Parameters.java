package io.postern.request.web;

import io.postern.request.domain.ReadModel;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the parameters of lists. */
public final class Parameters {
  private Parameters() {}

  /** Which page, of the size that all lists have. */
  static ReadModel.Part part(@Nullable String cursor) {
    return new ReadModel.Part(Optional.ofNullable(cursor), Views.Page.SIZE);
  }

  /**
   * One of a few words, in whatever case.
   *
   * @throws Problem naming all of them when it is none
   */
  public static <E extends Enum<E>> E oneOf(String field, String given, Class<E> type) {
    String wanted = given.toUpperCase(Locale.ROOT);
    return Arrays.stream(type.getEnumConstants())
        .filter(e -> e.name().equals(wanted))
        .findFirst()
        .orElseThrow(() -> Problem.invalid(field, "must be one of " + words(type), given));
  }

  private static String words(Class<? extends Enum<?>> type) {
    return Arrays.stream(type.getEnumConstants()).map(Enum::name).collect(Collectors.joining(", "));
  }
}
