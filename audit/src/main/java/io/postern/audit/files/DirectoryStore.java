package io.postern.audit.files;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A copy in a directory. One export at a time writes to it: what an earlier one left half written
 * is taken away by the next.
 */
public final class DirectoryStore implements Store {
  private static final String DRAFT = ".draft-";

  private final Path directory;
  private final Set<Path> swept = new HashSet<>();

  public DirectoryStore(Path directory) {
    this.directory = directory;
  }

  @Override
  public List<String> list(String prefix) throws IOException {
    // The part before the last slash is a directory; nothing else needs to be walked.
    Path below = directory.resolve(prefix.substring(0, prefix.lastIndexOf('/') + 1));
    if (!Files.isDirectory(below)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(below)) {
      return files
          .filter(f -> !f.getFileName().toString().startsWith(DRAFT) && Files.isRegularFile(f))
          .map(this::name)
          .filter(n -> n.startsWith(prefix))
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private String name(Path file) {
    return directory.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
  }

  @Override
  public InputStream open(String name) throws IOException {
    return Files.newInputStream(directory.resolve(name));
  }

  @Override
  public Draft draft(String name) throws IOException {
    Path target = directory.resolve(name);
    Path parent = Objects.requireNonNull(target.toAbsolutePath().getParent());
    Files.createDirectories(parent);
    if (swept.add(parent)) {
      try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, DRAFT + "*")) {
        for (Path draft : left) {
          Files.deleteIfExists(draft);
        }
      }
    }
    return new FileDraft(Files.createTempFile(parent, DRAFT, ""), target, parent);
  }

  @Override
  public String where(String name) {
    return directory.resolve(name).toString();
  }

  private static final class FileDraft implements Draft {
    private final Path draft;
    private final Path target;
    private final Path parent;
    private final FileChannel channel;
    private final OutputStream out;

    FileDraft(Path draft, Path target, Path parent) throws IOException {
      this.draft = draft;
      this.target = target;
      this.parent = parent;
      this.channel = FileChannel.open(draft, StandardOpenOption.WRITE);
      this.out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
    }

    @Override
    public OutputStream out() {
      return out;
    }

    @Override
    public void keep() throws IOException {
      out.flush();
      channel.force(true);
      try {
        // Unlike a move, a link is never made over what is there.
        Files.createLink(target, draft);
      } catch (UnsupportedOperationException e) {
        Files.move(draft, target);
      }
      syncDirectory(parent);
    }

    /** The name is durable, too; where a directory cannot be opened the system sees to it. */
    private static void syncDirectory(Path parent) throws IOException {
      if (parent.getFileSystem().getSeparator().equals("/")) {
        try (FileChannel of = FileChannel.open(parent, StandardOpenOption.READ)) {
          of.force(true);
        }
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
      Files.deleteIfExists(draft);
    }
  }
}
