package io.postern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.classfile.ClassFile;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The library of the command line in a format that an AOT cache takes. */
class RestampTest {
  @TempDir Path directory;

  @Test
  void leavesNoClassThatACacheDoesNotTake() throws Exception {
    Path original =
        Path.of(CommandLine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path copy = directory.resolve("copy.jar");
    Restamp.main(new String[] {original.toString(), copy.toString()});

    assertThat(versions(original)).as("else there is nothing to do any more").contains(49);
    assertThat(versions(copy)).hasSameSizeAs(versions(original)).allMatch(v -> v >= 51);
    URL[] alone = {copy.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(alone, null)) {
      // The verifier reads what was written when a class is initialized.
      Class<?> line = Class.forName("picocli.CommandLine", true, loader);
      assertThat(line.getClassLoader()).isSameAs(loader);
      Class<?> help = Class.forName("picocli.CommandLine$Help", true, loader);
      assertThat(help.getDeclaredMethods()).isNotEmpty();
    }
  }

  private static List<Integer> versions(Path file) throws Exception {
    try (JarFile jar = new JarFile(file.toFile())) {
      return jar.stream()
          .filter(e -> e.getName().endsWith(".class"))
          .map(e -> version(jar, e))
          .toList();
    }
  }

  private static int version(JarFile jar, JarEntry entry) {
    try {
      return ClassFile.of().parse(jar.getInputStream(entry).readAllBytes()).majorVersion();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
