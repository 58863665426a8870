package io.postern.expiry;

import io.postern.platform.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Path;

/** A broker in a process of its own, to be killed; ends with its parent. */
final class BrokerChild {
  private BrokerChild() {}

  public static void main(String[] args) throws IOException {
    EmbeddedBroker.start(Path.of(args[0]), Integer.parseInt(args[1]));
    System.out.println("READY");
    while (System.in.read() >= 0) {
      // Only the end counts.
    }
    Runtime.getRuntime().halt(0);
  }
}
