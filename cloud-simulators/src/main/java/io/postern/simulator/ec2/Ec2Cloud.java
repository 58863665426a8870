package io.postern.simulator.ec2;

import io.postern.simulator.kernel.Journal;
import io.postern.simulator.kernel.Request;
import io.postern.simulator.kernel.Response;
import io.postern.simulator.kernel.SimulatedCloud;
import io.postern.simulator.kernel.SimulatorClock;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers EC2's query protocol. The object's lock guards the world and is held for microseconds;
 * what a call changed is on disk before its answer leaves, written outside of the lock.
 */
final class Ec2Cloud implements SimulatedCloud {
  private final Action.Catalogue catalogue = new Action.Catalogue();
  private final Throttle throttle = new Throttle();
  private final History history = new History();
  private final Storage storage;
  private final SimulatorClock clock;
  private final TestApi testApi;
  private World world;
  private long version;

  Ec2Cloud(Storage storage, Settings settings, SimulatorClock clock) {
    this.storage = storage;
    this.clock = clock;
    this.world = storage.load().orElseGet(() -> new World(settings));
    this.testApi = new TestApi(this, settings);
  }

  @Override
  public Response handle(Request request) {
    Map<String, String> form = QueryProtocol.form(request);
    String action = form.getOrDefault("Action", "");
    QueryProtocol.Credential credential =
        QueryProtocol.Credential.of(request.header("authorization"));
    if (credential == null) {
      return failure(
          action,
          new Ec2Error(
              401, "AuthFailure", "AWS was not able to validate the provided credentials"));
    }
    Principal caller = callerOf(credential);
    if (caller == null || caller.isExpired(clock.now())) {
      return failure(action, Ec2Error.of("RequestExpired", "Request has expired."));
    }
    return call(caller, credential.region(), action, form).with("x-simulator-caller", caller.arn());
  }

  /** Null for a temporary key that nobody knows any more. */
  private synchronized @Nullable Principal callerOf(QueryProtocol.Credential credential) {
    Principal session = world.sessions.get(credential.accessKey());
    return session != null || credential.accessKey().startsWith(StsActions.KEY_START)
        ? session
        : Principal.ofKey(credential.accessKey());
  }

  /** Runs an action for a caller. */
  Response call(Principal caller, String region, String name, Map<String, String> form) {
    long before;
    long after;
    Response response;
    synchronized (this) {
      before = version;
      response = run(caller, region, name, form);
      after = version;
    }
    if (after != before) {
      storage.keep(after, this::snapshot);
    }
    return response;
  }

  private Response run(Principal caller, String region, String name, Map<String, String> form) {
    Action action = catalogue.find(name);
    if (action == null) {
      return failure(
          name,
          Ec2Error.of(
              "InvalidAction", "The action " + name + " is not valid for this web service."));
    }
    Instant now = clock.now();
    if (world.settings.throttling()
        && !caller.isForeign()
        && !throttle.admits(caller, region, name, isNarrowed(form), now)) {
      return failure(name, new Ec2Error(503, "RequestLimitExceeded", "Request limit exceeded."));
    }
    Call call = new Call(world, history, caller, region, name, Parameters.of(form), now);
    try {
      Response response =
          QueryProtocol.success(catalogue.serviceOf(name), name, out -> action.run(call, out));
      if (call.hasWritten()) {
        changed();
      }
      return response;
    } catch (Ec2Error e) {
      return failure(name, e);
    }
  }

  private static boolean isNarrowed(Map<String, String> form) {
    return form.keySet().stream()
        .anyMatch(key -> key.startsWith("Filter.") || key.equals("MaxResults"));
  }

  /** After any change, under the lock: cuts the connections that it cuts. */
  private void changed() {
    DataPlane.sweep(world);
    version++;
  }

  private synchronized Storage.Snapshot snapshot() {
    return new Storage.Snapshot(version, world.copy());
  }

  /** Reads or changes the world under the lock; it is on disk afterwards when {@code changes}. */
  <T> T withWorld(boolean changes, Function<World, T> use) {
    T result;
    long after;
    synchronized (this) {
      result = use.apply(world);
      if (changes) {
        changed();
      }
      after = version;
    }
    if (changes) {
      storage.keep(after, this::snapshot);
    }
    return result;
  }

  void reset(Settings settings) {
    synchronized (this) {
      World fresh = new World(settings);
      // Whoever has assumed a role goes on with his key, as his SDK will for an hour.
      fresh.sessions.putAll(world.sessions);
      fresh.lastId = world.lastId;
      world = fresh;
      history.clear();
    }
    throttle.clear();
    withWorld(true, fresh -> true);
  }

  void drain(String account, String region, String action, int tokens) {
    throttle.drain(account, region, action, tokens, clock.now());
  }

  Instant now() {
    return clock.now();
  }

  void journalTo(Journal journal) {
    testApi.journalTo(journal);
  }

  @Override
  public Response handleSimulator(Request request) {
    return testApi.handle(request);
  }

  @Override
  public String actionOf(Request request) {
    return QueryProtocol.form(request).getOrDefault("Action", "");
  }

  @Override
  public Response error(int status, String code, String message) {
    return failure("", new Ec2Error(status, code, message));
  }

  private Response failure(String action, Ec2Error e) {
    return QueryProtocol.failure(catalogue.serviceOf(action), e);
  }
}
