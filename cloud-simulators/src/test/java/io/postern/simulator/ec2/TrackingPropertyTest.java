package io.postern.simulator.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Connections under random edits, against a model that knows four clients, three ports, and the
 * user guide's two sentences on tracked and untracked flows.
 */
class TrackingPropertyTest {
  private static final int STEPS = 400;
  private static final List<String> CLIENTS =
      List.of("203.0.113.7", "203.0.113.8", "198.51.100.9", "10.2.0.10");

  /** Source block to the clients in it, written down by hand. */
  private static final Map<String, Set<String>> BLOCKS =
      Map.of(
          "0.0.0.0/0", Set.copyOf(CLIENTS),
          "203.0.113.0/24", Set.of("203.0.113.7", "203.0.113.8"),
          "203.0.113.7/32", Set.of("203.0.113.7"),
          "10.0.0.0/8", Set.of("10.2.0.10"));

  private static final List<String> BLOCK_NAMES = List.copyOf(new TreeSet<>(BLOCKS.keySet()));
  private static final int[] PORTS = {22, 23, 80};

  private record Allowed(String block, int from, int to) {
    boolean admits(String client, int port) {
      return from <= port && port <= to && BLOCKS.getOrDefault(block, Set.of()).contains(client);
    }

    boolean everybody() {
      return block.equals("0.0.0.0/0");
    }
  }

  private static final class Session {
    final String client;
    final int port;
    final boolean tracked;
    boolean alive = true;

    Session(String client, int port, boolean tracked) {
      this.client = client;
      this.port = port;
      this.tracked = tracked;
    }
  }

  private final Direct ec2 = new Direct();
  private final Set<Allowed> rules = new java.util.HashSet<>();
  private final Map<String, Session> sessions = new LinkedHashMap<>();
  private boolean egress = true;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void connectionsLiveAndDieAsTheModelSays(long seed) {
    Random random = new Random(seed);
    rules.add(new Allowed("0.0.0.0/0", 22, 22));
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(8)) {
        case 0, 1 -> edit("AuthorizeSecurityGroupIngress", random);
        case 2, 3 -> edit("RevokeSecurityGroupIngress", random);
        case 4 -> toggleEgress();
        default -> connect("c" + step, random);
      }
      compare(seed, step);
    }
    assertThat(sessions.values())
        .as("seed %d", seed)
        .anyMatch(s -> s.tracked)
        .anyMatch(s -> !s.alive);
  }

  private void edit(String action, Random random) {
    List<Allowed> known = new ArrayList<>(rules);
    boolean revoke = action.startsWith("Revoke");
    if (revoke && known.isEmpty()) {
      return;
    }
    int from = PORTS[random.nextInt(PORTS.length)];
    Allowed rule =
        revoke
            ? known.get(random.nextInt(known.size()))
            : new Allowed(
                BLOCK_NAMES.get(random.nextInt(BLOCK_NAMES.size())),
                from,
                from + random.nextInt(2));
    Map<String, String> form = new HashMap<>();
    form.put("GroupId", Lab.BATCH_GROUP);
    form.put("IpProtocol", "tcp");
    form.put("FromPort", Integer.toString(rule.from));
    form.put("ToPort", Integer.toString(rule.to));
    form.put("CidrIp", rule.block);
    ec2.call(action, form);
    boolean changed = revoke ? rules.remove(rule) : rules.add(rule);
    assertThat(changed || !revoke).isTrue();
    settle();
  }

  private void toggleEgress() {
    String all = "IpPermissions.1.";
    ec2.call(
        egress ? "RevokeSecurityGroupEgress" : "AuthorizeSecurityGroupEgress",
        Map.of(
            "GroupId",
            Lab.BATCH_GROUP,
            all + "IpProtocol",
            "-1",
            all + "IpRanges.1.CidrIp",
            "0.0.0.0/0"));
    egress = !egress;
    settle();
  }

  private void connect(String id, Random random) {
    String client = CLIENTS.get(random.nextInt(CLIENTS.size()));
    int port = PORTS[random.nextInt(PORTS.length)];
    if (admits(client, port)) {
      boolean open =
          rules.stream().anyMatch(rule -> rule.everybody() && rule.admits(client, port)) && egress;
      sessions.put(id, new Session(client, port, !open));
      ec2.open(id, flow(client, port));
    }
  }

  private boolean admits(String client, int port) {
    return rules.stream().anyMatch(rule -> rule.admits(client, port));
  }

  private void settle() {
    for (Session session : sessions.values()) {
      session.alive &= session.tracked || (egress && admits(session.client, session.port));
    }
  }

  private void compare(long seed, int step) {
    for (String client : CLIENTS) {
      for (int port : PORTS) {
        assertThat(ec2.judge(flow(client, port)) instanceof Verdict.Admitted)
            .as("seed %d, step %d, %s to %d", seed, step, client, port)
            .isEqualTo(admits(client, port));
      }
    }
    sessions.forEach(
        (id, session) -> {
          Connection connection = ec2.connection(id);
          assertThat(List.of(connection.tracked(), connection.alive()))
              .as("seed %d, step %d, connection %s", seed, step, id)
              .isEqualTo(List.of(session.tracked, session.alive));
        });
  }

  private static Flow flow(String client, int port) {
    return new Flow("eu-west-1", Lab.BATCH, client, "tcp", port, false);
  }
}
