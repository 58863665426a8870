package io.postern.quickstart;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Looks for the secrets of an installation where they must not be. */
final class Secrets {
  /** Private and symmetric parts of keys, as JSON has them. */
  private static final Pattern PRIVATE = Pattern.compile("\"(?:d|k)\"\\s*:\\s*\"([^\"]{20,})\"");

  private static final byte[] ZEROS = new byte[1 << 16];

  private final Set<Path> keyFiles = new HashSet<>();
  private final Set<String> values = new HashSet<>();

  /** Those of all keys below a directory. */
  static Secrets below(Path home) throws IOException {
    Secrets secrets = new Secrets();
    for (Path file : files(home)) {
      if (file.toString().endsWith(".jwk") || file.toString().endsWith(".json")) {
        var found = PRIVATE.matcher(Files.readString(file));
        while (found.find()) {
          secrets.keyFiles.add(file);
          secrets.values.add(found.group(1));
        }
      }
    }
    return secrets;
  }

  void add(String value) {
    values.add(value);
  }

  int count() {
    return values.size();
  }

  /** Files below a directory, the keys' own excepted, in which a secret stands. */
  List<Path> foundBelow(Path home) throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path file : files(home)) {
      if (keyFiles.contains(file)) {
        continue;
      }
      String text = new String(bytes(file), StandardCharsets.ISO_8859_1);
      if (values.stream().anyMatch(text::contains)) {
        found.add(file);
      }
    }
    return found;
  }

  /**
   * What a file has in it. No secret has a zero byte, so of a chunk of zeros one is enough: the
   * broker's indexes, made long in advance, are two gigabytes of them.
   */
  private static byte[] bytes(Path file) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] chunk = new byte[ZEROS.length];
    try (InputStream in = Files.newInputStream(file)) {
      int read;
      while ((read = in.readNBytes(chunk, 0, chunk.length)) > 0) {
        boolean isEmpty = Arrays.equals(chunk, 0, read, ZEROS, 0, read);
        bytes.write(chunk, 0, isEmpty ? 1 : read);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static List<Path> files(Path home) throws IOException {
    try (Stream<Path> all = Files.walk(home)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }
}
