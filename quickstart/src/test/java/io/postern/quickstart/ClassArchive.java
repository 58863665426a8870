package io.postern.quickstart;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;

/**
 * The classes of the first system that these tests start, parsed and verified, for those that they
 * start after it: each then starts in two thirds of the time. A JVM that cannot use the archive
 * loads its classes from the class path, as the first one does.
 */
final class ClassArchive {
  private static final ClassArchive OF_THESE_TESTS = new ClassArchive();
  private static final long LIMIT_SECONDS = 90;

  private final Path archive;
  private final String classPath;
  private boolean taken;

  private ClassArchive() {
    try {
      Path directory = Files.createDirectories(Path.of("target", "system-classes"));
      archive = directory.resolve("system.jsa").toAbsolutePath();
      Files.deleteIfExists(archive);
      Files.deleteIfExists(archive.resolveSibling("unfinished.jsa"));
      classPath = packed(System.getProperty("java.class.path"), directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The tests' class path; an archive can be of jars only, so what is no jar is made one. */
  static String classPath() {
    return OF_THESE_TESTS.classPath;
  }

  /**
   * Has a JVM use the archive.
   *
   * @param isLasting of a system that stands until the end of a test: it is ready to be archived
   *     when there is no archive yet, which makes its own start longer
   */
  static synchronized List<String> options(boolean isLasting) {
    if (Files.exists(OF_THESE_TESTS.archive)) {
      return List.of(
          "-XX:SharedArchiveFile=" + OF_THESE_TESTS.archive,
          "-Xlog:cds=off",
          "-Xlog:cds+dynamic=off");
    }
    return isLasting && !OF_THESE_TESTS.taken
        ? List.of("-XX:+RecordDynamicDumpInfo", "-Xlog:cds=off", "-Xlog:cds+dynamic=off")
        : List.of();
  }

  /** Archives what a system has loaded by now, unless that was done. */
  static synchronized void take(Process system) throws IOException, InterruptedException {
    if (OF_THESE_TESTS.taken || !system.isAlive()) {
      return;
    }
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    OF_THESE_TESTS.taken = true;
    Path archive = OF_THESE_TESTS.archive;
    Path unfinished = archive.resolveSibling("unfinished.jsa");
    Process dump =
        new ProcessBuilder(
                jcmd.toString(),
                Long.toString(system.pid()),
                "VM.cds",
                "dynamic_dump",
                unfinished.toString())
            .redirectErrorStream(true)
            .redirectOutput(archive.resolveSibling("dump.log").toFile())
            .start();
    if (dump.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) && Files.exists(unfinished)) {
      Files.move(unfinished, archive);
    }
  }

  private static String packed(String classPath, Path directory) {
    List<String> entries = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator)) {
      if (Files.isDirectory(Path.of(entry))) {
        Path jar = directory.resolve(entries.size() + ".jar");
        jar(jar, entry);
        entries.add(jar.toAbsolutePath().toString());
      } else {
        entries.add(entry);
      }
    }
    return String.join(File.pathSeparator, entries);
  }

  private static void jar(Path jar, String directory) {
    int exit =
        ToolProvider.findFirst("jar")
            .orElseThrow()
            .run(System.out, System.err, "cf", jar.toString(), "-C", directory, ".");
    if (exit != 0) {
      throw new IllegalStateException("cannot pack " + directory);
    }
  }
}
