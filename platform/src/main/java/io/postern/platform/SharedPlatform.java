package io.postern.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/** One platform per JVM for tests: the first that asks starts it, the end of the JVM ends it. */
public final class SharedPlatform {
  private static @Nullable Platform platform;

  private SharedPlatform() {}

  public static synchronized Platform get() {
    if (platform == null) {
      try {
        platform = Platform.start(Files.createTempDirectory("postern-platform"), 4);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while the platform starts", e);
      }
      Platform started = platform;
      Runtime.getRuntime().addShutdownHook(new Thread(started::close));
    }
    return platform;
  }
}
