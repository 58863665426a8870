package io.postern.simulator.ec2;

import io.postern.simulator.kernel.Response;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The part of the test API that sends packets: reachable, and connections. */
final class FlowApi {
  private final Ec2Cloud cloud;

  FlowApi(Ec2Cloud cloud) {
    this.cloud = cloud;
  }

  private static Flow flow(JsonNode body) {
    String[] arn = TestApi.text(body, "machine").split("[:/]", -1);
    if (arn.length != 7 || !arn[2].equals("ec2") || !arn[5].equals("instance")) {
      throw Ec2Error.invalid(
          "machine is not the ARN of an instance: " + TestApi.text(body, "machine"));
    }
    String protocol = Permission.protocolName(body.path("protocol").asString("tcp"));
    int port = body.path("port").asInt(-1);
    if (port < 0 && (protocol.equals("tcp") || protocol.equals("udp"))) {
      throw Ec2Error.missing("port");
    }
    String source = Cidr.address(TestApi.text(body, "source")).addressText();
    Flow flow =
        new Flow(arn[3], arn[6], source, protocol, port, body.path("tracked").asBoolean(false));
    return flow;
  }

  Response reachable(JsonNode body) {
    Flow flow = flow(body);
    Verdict verdict =
        cloud.withWorld(false, world -> DataPlane.judge(world.regions.get(flow.region()), flow));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("reachable", verdict instanceof Verdict.Admitted);
    answer.put("decidedBy", verdict.decidedBy());
    return TestApi.answer(200, answer);
  }

  Response connect(JsonNode body) {
    Flow flow = flow(body);
    return cloud.withWorld(
        true,
        world ->
            switch (DataPlane.judge(world.regions.get(flow.region()), flow)) {
              case Verdict.Blocked blocked ->
                  TestApi.answer(409, Map.of("error", "blocked", "decidedBy", blocked.decidedBy()));
              case Verdict.Admitted admitted -> {
                String id = world.id("conn");
                world.connections.put(
                    id,
                    new Connection(
                        id,
                        flow,
                        admitted.interfaceId(),
                        admitted.decidedBy(),
                        admitted.tracked(),
                        null));
                yield TestApi.answer(201, Map.of("id", id));
              }
            });
  }

  Response connection(String id) {
    return cloud.withWorld(
        false,
        world -> {
          Connection connection = world.connections.get(id);
          if (connection == null) {
            return TestApi.answer(404, Map.of("error", "no such connection: " + id));
          }
          Map<String, @Nullable Object> answer = new LinkedHashMap<>();
          answer.put("alive", connection.alive());
          answer.put("tracked", connection.tracked());
          answer.put("allowedBy", connection.allowedBy());
          answer.put("diedBecause", connection.diedBecause());
          return TestApi.answer(200, answer);
        });
  }
}
