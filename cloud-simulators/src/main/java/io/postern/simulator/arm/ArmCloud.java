package io.postern.simulator.arm;

import io.postern.simulator.kernel.Request;
import io.postern.simulator.kernel.Response;
import io.postern.simulator.kernel.SimulatedCloud;
import io.postern.simulator.kernel.SimulatorClock;
import io.postern.simulator.kernel.StateFile;
import java.util.UUID;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Azure Resource Manager as a simulated cloud: wires the parts and guards them with one lock. */
final class ArmCloud implements SimulatedCloud {
  final World world = new World();
  final Index.Cache index = new Index.Cache(world);
  final PacketModel packets = new PacketModel(world, index);
  final Connections connections = new Connections(world, packets);
  final Directory directory = new Directory();
  final Roles roles = new Roles(index, directory);
  final Throttle throttle;
  final Operations operations;
  final Writer writer;
  private final Persistence persistence;
  private final ResourceApi api;
  private final SimulatorApi simulator;
  private volatile Settings settings;

  ArmCloud(Settings settings, SimulatorClock clock, @Nullable StateFile file) {
    this.settings = settings;
    this.throttle = new Throttle(clock);
    this.operations = new Operations(world, clock, connections::changed);
    this.writer = new Writer(world, index, operations, connections);
    this.persistence = new Persistence(file, world, operations, connections, directory);
    this.api = new ResourceApi(this, clock);
    this.simulator = new SimulatorApi(this);
    persistence.load();
  }

  Settings settings() {
    return settings;
  }

  void settings(Settings next) {
    this.settings = next;
  }

  @Override
  public Response handle(Request request) {
    Response answer;
    try {
      Response discovered = Discovery.answer(request);
      answer = discovered == null ? api.answer(request) : discovered;
    } catch (ArmException e) {
      answer = e.toResponse();
    }
    String id = UUID.randomUUID().toString();
    return answer.with("x-ms-request-id", id).with("x-ms-correlation-request-id", id);
  }

  @Override
  public Response handleSimulator(Request request) {
    try {
      return simulator.answer(request);
    } catch (ArmException e) {
      return e.toResponse();
    }
  }

  @Override
  public String actionOf(Request request) {
    return Actions.of(request.method(), request.path());
  }

  @Override
  public Response error(int status, String code, String message) {
    return new ArmException(status, code, message).toResponse();
  }

  /** Reads under the lock, after operations whose time is over have ended. */
  <T> T read(Supplier<T> reader) {
    settleDue();
    Lock lock = world.lock().readLock();
    lock.lock();
    try {
      return reader.get();
    } finally {
      lock.unlock();
    }
  }

  /** Writes under the lock; what was written is on disk when this returns. */
  <T> T write(Supplier<T> change) {
    Lock lock = world.lock().writeLock();
    lock.lock();
    try {
      operations.settle();
      T result = change.get();
      persistence.save();
      return result;
    } finally {
      lock.unlock();
    }
  }

  private void settleDue() {
    Lock lock = world.lock().readLock();
    boolean due;
    lock.lock();
    try {
      due = operations.isAnyDue();
    } finally {
      lock.unlock();
    }
    if (due) {
      write(() -> true);
    }
  }

  /** Forgets every resource, operation, connection and group, and fills the buckets. */
  void clear() {
    world.clear();
    operations.clear();
    connections.clear();
    directory.replace(Json.object());
    throttle.clear();
  }
}
