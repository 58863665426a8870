package io.postern.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Copies a jar with its classes in today's format. An AOT cache takes no class older than Java 6's
 * format, and picocli, which is most of what a command loads, is in Java 5's.
 */
public final class Restamp {
  private static final ClassFile CLASSES =
      ClassFile.of(
          ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
          ClassFile.ClassHierarchyResolverOption.of(
              ClassHierarchyResolver.ofClassLoading(Restamp.class.getClassLoader())));

  private Restamp() {}

  /** The jar to read, which is on the class path too, and the one to write. */
  public static void main(String[] jars) throws IOException {
    copy(Path.of(jars[0]), Path.of(jars[1]));
  }

  static void copy(Path from, Path to) throws IOException {
    try (JarFile jar = new JarFile(from.toFile());
        OutputStream file = Files.newOutputStream(to);
        JarOutputStream out = new JarOutputStream(file)) {
      for (Enumeration<JarEntry> all = jar.entries(); all.hasMoreElements(); ) {
        JarEntry entry = all.nextElement();
        byte[] content = jar.getInputStream(entry).readAllBytes();
        out.putNextEntry(new JarEntry(entry.getName()));
        out.write(entry.getName().endsWith(".class") ? restamped(content) : content);
        out.closeEntry();
      }
    }
  }

  private static byte[] restamped(byte[] content) {
    var parsed = CLASSES.parse(content);
    if (parsed.majorVersion() >= ClassFile.JAVA_7_VERSION) {
      return content;
    }
    // Code that is passed on instruction by instruction gets the stack maps that the format asks
    // for.
    return CLASSES.transformClass(
        parsed,
        ClassTransform.transformingMethodBodies((code, instruction) -> code.with(instruction))
            .andThen(ClassTransform.endHandler(b -> b.withVersion(ClassFile.JAVA_17_VERSION, 0))));
  }
}
