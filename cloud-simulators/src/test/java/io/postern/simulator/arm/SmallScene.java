package io.postern.simulator.arm;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A fresh simulator with the quickstart's scene for each test. */
abstract class SmallScene {
  static final String OUTSIDE = "203.0.113.7";

  ArmSimulator simulator = ArmSimulator.start(ArmSimulator.Options.defaults());
  Http http = new Http(simulator);

  @BeforeEach
  void setScene() {
    ArmScene.small(simulator);
  }

  @AfterEach
  void close() {
    simulator.close();
  }
}
