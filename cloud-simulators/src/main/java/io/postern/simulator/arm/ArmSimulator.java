package io.postern.simulator.arm;

import io.postern.simulator.kernel.SimulatorClock;
import io.postern.simulator.kernel.SimulatorServer;
import io.postern.simulator.kernel.StateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A simulated Azure Resource Manager on 127.0.0.1. */
public final class ArmSimulator implements AutoCloseable {
  private final ArmCloud cloud;
  private final SimulatorServer server;

  private ArmSimulator(ArmCloud cloud, SimulatorServer server) {
    this.cloud = cloud;
    this.server = server;
  }

  /**
   * How a simulator starts; latencies, throttling, racing writes and authorization can be changed
   * later through {@code /_simulator/settings}.
   *
   * @param port the port on 127.0.0.1; 0 for any free one
   * @param stateFile where everything is kept over the end of the process; without it, nowhere
   * @param keyStore a PKCS #12 file with the password {@code changeit}: serve https with its key
   * @param operationLatency how long writes of network and compute resources take
   * @param firewallLatency how long writes of an Azure Firewall take
   * @param throttling whether the documented request limits hold
   * @param racingWrites what a write meets while another one on the resource runs
   * @param authorization whether a caller needs role assignments
   * @param clock the host's time
   */
  public record Options(
      int port,
      Optional<Path> stateFile,
      Optional<Path> keyStore,
      Duration operationLatency,
      Duration firewallLatency,
      boolean throttling,
      RacingWrites racingWrites,
      boolean authorization,
      Clock clock) {

    /** Any free port, http, nothing on disk, no latency, no throttling, no authorization. */
    public static Options defaults() {
      return new Options(
          0,
          Optional.empty(),
          Optional.empty(),
          Duration.ZERO,
          Duration.ZERO,
          false,
          RacingWrites.LOCK_429,
          false,
          Clock.systemUTC());
    }

    public Options withPort(int newPort) {
      return new Options(
          newPort,
          stateFile,
          keyStore,
          operationLatency,
          firewallLatency,
          throttling,
          racingWrites,
          authorization,
          clock);
    }

    public Options withStateFile(Path file) {
      return new Options(
          port,
          Optional.of(file),
          keyStore,
          operationLatency,
          firewallLatency,
          throttling,
          racingWrites,
          authorization,
          clock);
    }

    public Options withKeyStore(Path file) {
      return new Options(
          port,
          stateFile,
          Optional.of(file),
          operationLatency,
          firewallLatency,
          throttling,
          racingWrites,
          authorization,
          clock);
    }

    public Options withLatency(Duration operations, Duration firewalls) {
      return new Options(
          port,
          stateFile,
          keyStore,
          operations,
          firewalls,
          throttling,
          racingWrites,
          authorization,
          clock);
    }

    public Options withThrottling(boolean on) {
      return new Options(
          port,
          stateFile,
          keyStore,
          operationLatency,
          firewallLatency,
          on,
          racingWrites,
          authorization,
          clock);
    }

    public Options withRacingWrites(RacingWrites mode) {
      return new Options(
          port,
          stateFile,
          keyStore,
          operationLatency,
          firewallLatency,
          throttling,
          mode,
          authorization,
          clock);
    }

    public Options withAuthorization(boolean on) {
      return new Options(
          port,
          stateFile,
          keyStore,
          operationLatency,
          firewallLatency,
          throttling,
          racingWrites,
          on,
          clock);
    }

    public Options withClock(Clock newClock) {
      return new Options(
          port,
          stateFile,
          keyStore,
          operationLatency,
          firewallLatency,
          throttling,
          racingWrites,
          authorization,
          newClock);
    }

    private Settings settings() {
      return new Settings(
          operationLatency, firewallLatency, racingWrites, throttling, authorization);
    }
  }

  /** Starts to serve, with what the state file holds. */
  public static ArmSimulator start(Options options) {
    SimulatorClock clock = new SimulatorClock(options.clock());
    ArmCloud cloud =
        new ArmCloud(
            options.settings(), clock, options.stateFile().map(StateFile::new).orElse(null));
    @Nullable SSLContext tls = options.keyStore().map(Tls::context).orElse(null);
    try {
      return new ArmSimulator(cloud, SimulatorServer.start(cloud, clock, options.port(), tls));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on 127.0.0.1:" + options.port(), e);
    }
  }

  ArmCloud cloud() {
    return cloud;
  }

  public SimulatorServer server() {
    return server;
  }

  /** For example {@code http://127.0.0.1:8090}. */
  public String url() {
    return server.url();
  }

  @Override
  public void close() {
    server.close();
  }

  /**
   * {@code --port 8090 --address 127.0.0.1 --state FILE --tls KEYSTORE --scene small}; all
   * optional. Serves until it is killed.
   */
  public static void main(String[] args) {
    Options options = Options.defaults().withPort(8090);
    boolean small = false;
    for (int i = 0; i + 1 < args.length; i += 2) {
      String value = args[i + 1];
      switch (args[i]) {
        case "--port" -> options = options.withPort(Integer.parseInt(value));
        case "--address" -> System.setProperty(SimulatorServer.ADDRESS, value);
        case "--state" -> options = options.withStateFile(Path.of(value));
        case "--tls" -> options = options.withKeyStore(Path.of(value));
        case "--scene" -> small = value.equals("small");
        default -> throw new IllegalArgumentException("unknown option " + args[i]);
      }
    }
    ArmSimulator simulator = start(options);
    if (small) {
      ArmScene.small(simulator);
    }
    System.out.println("ARM simulator on " + simulator.url());
  }
}
