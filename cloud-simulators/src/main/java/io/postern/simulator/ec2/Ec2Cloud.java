package io.postern.simulator.ec2;

import io.postern.simulator.kernel.Journal;
import io.postern.simulator.kernel.Request;
import io.postern.simulator.kernel.Response;
import io.postern.simulator.kernel.SimulatedCloud;
import io.postern.simulator.kernel.SimulatorClock;
import io.postern.simulator.kernel.SimulatorServer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Answers EC2's query protocol. One lock guards the world; a call holds it for microseconds. */
final class Ec2Cloud implements SimulatedCloud {
  private static final String XML = "text/xml;charset=UTF-8";

  private final Action.Catalogue catalogue = new Action.Catalogue();
  private final Throttle throttle = new Throttle();
  private final History history = new History();
  private final Storage storage;
  private final SimulatorClock clock;
  private final TestApi testApi;
  private World world;

  Ec2Cloud(Storage storage, Settings settings, SimulatorClock clock) {
    this.storage = storage;
    this.clock = clock;
    this.world = storage.load().orElseGet(() -> new World(settings));
    this.testApi = new TestApi(this, settings);
  }

  @Override
  public Response handle(Request request) {
    Map<String, String> form = form(request);
    String action = form.getOrDefault("Action", "");
    Credential credential = Credential.of(request.header("authorization"));
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
  private synchronized @Nullable Principal callerOf(Credential credential) {
    Principal session = world.sessions.get(credential.accessKey());
    return session != null || credential.accessKey().startsWith("ASIA")
        ? session
        : Principal.ofKey(credential.accessKey());
  }

  /** Runs an action for a caller; what it changes is on disk before the answer leaves. */
  synchronized Response call(
      Principal caller, String region, String name, Map<String, String> form) {
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
      Xml out = new Xml();
      Action.Service service = catalogue.serviceOf(name);
      out.raw("<" + name + "Response xmlns=\"" + service.namespace + "\">");
      if (service == Action.Service.EC2) {
        out.text("requestId", UUID.randomUUID());
        action.run(call, out);
      } else {
        out.open(name + "Result");
        action.run(call, out);
        out.close(name + "Result").open("ResponseMetadata");
        out.text("RequestId", UUID.randomUUID()).close("ResponseMetadata");
      }
      out.close(name + "Response");
      if (call.hasWritten()) {
        changed();
      }
      return Response.text(200, XML, out.toString());
    } catch (Ec2Error e) {
      return failure(name, e);
    }
  }

  private static boolean isNarrowed(Map<String, String> form) {
    return form.keySet().stream()
        .anyMatch(key -> key.startsWith("Filter.") || key.equals("MaxResults"));
  }

  /** After any change: cuts the connections that it cuts, and saves. */
  private void changed() {
    DataPlane.sweep(world);
    storage.save(world);
  }

  /** Reads or changes the world under the lock; saves when {@code changes}. */
  synchronized <T> T withWorld(boolean changes, Function<World, T> use) {
    T result = use.apply(world);
    if (changes) {
      changed();
    }
    return result;
  }

  synchronized void reset(Settings settings) {
    world = new World(settings);
    throttle.clear();
    history.clear();
    storage.save(world);
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
    return form(request).getOrDefault("Action", "");
  }

  @Override
  public Response error(int status, String code, String message) {
    return failure("", new Ec2Error(status, code, message));
  }

  private Response failure(String action, Ec2Error e) {
    Xml out = new Xml();
    Action.Service service = catalogue.serviceOf(action);
    if (service == Action.Service.EC2) {
      out.open("Response").open("Errors").open("Error");
      out.text("Code", e.code).text("Message", e.text());
      out.close("Error").close("Errors").text("RequestID", UUID.randomUUID()).close("Response");
    } else {
      out.raw("<ErrorResponse xmlns=\"" + service.namespace + "\">").open("Error");
      out.text("Type", e.status < 500 ? "Sender" : "Receiver");
      out.text("Code", e.code).text("Message", e.text()).close("Error");
      out.text("RequestId", UUID.randomUUID()).close("ErrorResponse");
    }
    return Response.text(e.status, XML, out.toString());
  }

  private static Map<String, String> form(Request request) {
    Map<String, String> flat = new HashMap<>();
    request.query().forEach((name, values) -> flat.put(name, values.getFirst()));
    String body = new String(request.body(), StandardCharsets.UTF_8);
    for (Map.Entry<String, List<String>> field : SimulatorServer.parseForm(body).entrySet()) {
      flat.put(field.getKey(), field.getValue().getFirst());
    }
    return flat;
  }

  /** What the Authorization header of Signature Version 4 says; the signature is not checked. */
  record Credential(String accessKey, String region) {
    static @Nullable Credential of(@Nullable String authorization) {
      int start = authorization == null ? -1 : authorization.indexOf("Credential=");
      if (authorization == null || start < 0) {
        return null;
      }
      String[] scope =
          authorization
              .substring(start + "Credential=".length())
              .split("[,\\s]", 2)[0]
              .split("/", -1);
      return scope.length < 5 ? null : new Credential(scope[0], scope[2]);
    }
  }
}
