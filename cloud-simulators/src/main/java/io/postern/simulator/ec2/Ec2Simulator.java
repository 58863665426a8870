package io.postern.simulator.ec2;

import io.postern.simulator.kernel.SimulatorClock;
import io.postern.simulator.kernel.SimulatorServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** A simulated EC2 behind HTTP on 127.0.0.1; EC2.md says what it models. */
public final class Ec2Simulator implements AutoCloseable {

  /**
   * How to start.
   *
   * @param port 0 for any free one
   * @param stateFile where everything is kept over the end of the process; empty for nowhere
   * @param throttling whether the documented token buckets apply from the start
   * @param staleness how old the answer of a Describe call may be
   * @param seed where the ages of stale answers begin
   * @param clock the host's time, on which the simulator's own clock stands
   */
  public record Options(
      int port,
      Optional<Path> stateFile,
      boolean throttling,
      Duration staleness,
      long seed,
      Clock clock) {

    /** Any free port, nothing on disk, no throttling, no stale reads. */
    public static Options defaults() {
      return new Options(0, Optional.empty(), false, Duration.ZERO, 1, Clock.systemUTC());
    }

    public Options withPort(int newPort) {
      return new Options(newPort, stateFile, throttling, staleness, seed, clock);
    }

    public Options withStateFile(Path file) {
      return new Options(port, Optional.of(file), throttling, staleness, seed, clock);
    }

    public Options withThrottling(boolean on) {
      return new Options(port, stateFile, on, staleness, seed, clock);
    }

    public Options withStaleness(Duration oldest, long newSeed) {
      return new Options(port, stateFile, throttling, oldest, newSeed, clock);
    }

    public Options withClock(Clock newClock) {
      return new Options(port, stateFile, throttling, staleness, seed, newClock);
    }
  }

  private final Ec2Cloud cloud;
  private final SimulatorServer server;

  private Ec2Simulator(Ec2Cloud cloud, SimulatorServer server) {
    this.cloud = cloud;
    this.server = server;
  }

  /**
   * Starts to serve, with the state of the file if there is one; the settings in it win over the
   * options.
   *
   * @throws UncheckedIOException when the port or the file cannot be had
   */
  public static Ec2Simulator start(Options options) {
    SimulatorClock clock = new SimulatorClock(options.clock());
    Ec2Cloud cloud = new Ec2Cloud(new Storage(options.stateFile()), Settings.of(options), clock);
    try {
      SimulatorServer server = SimulatorServer.start(cloud, clock, options.port());
      cloud.journalTo(server.journal());
      return new Ec2Simulator(cloud, server);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot serve EC2 on port " + options.port(), e);
    }
  }

  public SimulatorServer server() {
    return server;
  }

  public String url() {
    return server.url();
  }

  Ec2Cloud cloud() {
    return cloud;
  }

  @Override
  public void close() {
    server.close();
  }
}
