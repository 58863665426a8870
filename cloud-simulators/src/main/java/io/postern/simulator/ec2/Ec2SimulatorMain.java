package io.postern.simulator.ec2;

import io.postern.simulator.kernel.SimulatorServer;
import java.nio.file.Path;

/**
 * Runs the simulator until the process ends: {@code --port N}, {@code --address IP}, {@code --state
 * FILE}, {@code --throttling}, {@code --empty}.
 */
public final class Ec2SimulatorMain {
  private Ec2SimulatorMain() {}

  public static void main(String[] arguments) {
    Ec2Simulator.Options options = Ec2Simulator.Options.defaults().withPort(8091);
    boolean scene = true;
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--port" -> options = options.withPort(Integer.parseInt(arguments[++i]));
        case "--address" -> System.setProperty(SimulatorServer.ADDRESS, arguments[++i]);
        case "--state" -> options = options.withStateFile(Path.of(arguments[++i]));
        case "--throttling" -> options = options.withThrottling(true);
        case "--empty" -> scene = false;
        default -> throw new IllegalArgumentException("unknown argument " + arguments[i]);
      }
    }
    Ec2Simulator simulator = Ec2Simulator.start(options);
    if (scene) {
      Ec2Scene.small(simulator);
    }
    System.out.println("EC2 simulator on " + simulator.url());
  }
}
