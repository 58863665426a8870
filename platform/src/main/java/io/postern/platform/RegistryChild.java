package io.postern.platform;

import java.io.IOException;

/**
 * Main class of the registry's process: starts the registry, and ends it when standard input ends,
 * which happens when the parent is gone.
 */
final class RegistryChild {
  private RegistryChild() {}

  public static void main(String[] args) throws ReflectiveOperationException {
    Thread watch = new Thread(RegistryChild::endWithParent, "parent-watch");
    watch.setDaemon(true);
    watch.start();
    Class.forName("io.quarkus.bootstrap.runner.QuarkusEntryPoint")
        .getMethod("main", String[].class)
        .invoke(null, (Object) args);
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is ever sent; only the end counts.
      }
    } catch (IOException e) {
      // As good as the end.
    }
    Runtime.getRuntime().halt(0);
  }
}
