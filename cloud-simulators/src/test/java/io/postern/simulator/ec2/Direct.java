package io.postern.simulator.ec2;

import io.postern.simulator.kernel.Response;
import io.postern.simulator.kernel.SimulatorClock;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The cloud without HTTP, for many calls in little time. */
final class Direct {
  private static final Pattern CODE = Pattern.compile("<Code>(.*?)</Code>");

  final Ec2Cloud cloud =
      new Ec2Cloud(
          new Storage(Optional.empty()),
          Settings.of(Ec2Simulator.Options.defaults()),
          new SimulatorClock(Clock.systemUTC()));

  Direct() {
    Ec2Scene.small(cloud);
  }

  /** The error code, or {@code ok}. */
  String call(String action, Map<String, String> parameters) {
    Response response =
        cloud.call(Principal.ofKey("AKIATEST"), "eu-west-1", action, new HashMap<>(parameters));
    if (response.status() == 200) {
      return "ok";
    }
    Matcher code = CODE.matcher(response.text());
    return code.find() ? code.group(1) : response.text();
  }

  SecurityGroup group(String id) {
    return cloud.withWorld(
        false,
        world -> java.util.Objects.requireNonNull(world.region("eu-west-1").groups().get(id)));
  }

  Verdict judge(Flow flow) {
    return cloud.withWorld(false, world -> DataPlane.judge(world.region("eu-west-1"), flow));
  }

  void open(String id, Flow flow) {
    Verdict.Admitted in = (Verdict.Admitted) judge(flow);
    cloud.withWorld(
        true,
        world ->
            world.connections.put(
                id,
                new Connection(id, flow, in.interfaceId(), in.decidedBy(), in.tracked(), null)));
  }

  Connection connection(String id) {
    return cloud.withWorld(
        false, world -> java.util.Objects.requireNonNull(world.connections.get(id)));
  }
}
