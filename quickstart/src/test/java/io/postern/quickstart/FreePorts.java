package io.postern.quickstart;

import io.postern.platform.EmbeddedBroker;

/** Ports for a system of one's own beside others. */
final class FreePorts {
  private FreePorts() {}

  static Ports take() {
    return new Ports(
        EmbeddedBroker.freePort(),
        EmbeddedBroker.freePort(),
        EmbeddedBroker.freePort(),
        EmbeddedBroker.freePort(),
        EmbeddedBroker.freePort());
  }
}
