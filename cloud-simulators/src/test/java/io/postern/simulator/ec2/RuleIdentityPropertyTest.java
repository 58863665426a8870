package io.postern.simulator.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Authorize and revoke against a set of strings: the slow, obvious idea of what a group is. */
class RuleIdentityPropertyTest {
  private static final int STEPS = 300;

  /** What is written, and the one way to write the same. */
  private record Spelling(String written, String canonical) {}

  private static final List<Spelling> PROTOCOLS =
      List.of(
          new Spelling("tcp", "tcp"),
          new Spelling("TCP", "tcp"),
          new Spelling("6", "tcp"),
          new Spelling("udp", "udp"),
          new Spelling("17", "udp"),
          new Spelling("-1", "-1"),
          new Spelling("all", "-1"),
          new Spelling("47", "47"));

  private static final List<Spelling> SOURCES =
      List.of(
          new Spelling("100.68.0.18/18", "100.68.0.0/18"),
          new Spelling("100.68.0.0/18", "100.68.0.0/18"),
          new Spelling("100.68.64.0/18", "100.68.64.0/18"),
          new Spelling("203.0.113.7/32", "203.0.113.7/32"),
          new Spelling("255.255.255.255/0", "0.0.0.0/0"),
          new Spelling("2001:DB8::1/32", "2001:db8::/32"),
          new Spelling("2001:0db8:0:0:0:0:0:0/32", "2001:db8::/32"),
          new Spelling("::ffff:0:1/64", "::/64"));

  private record Written(Map<String, String> form, String identity) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void theGroupIsTheSetThatTheModelSays(long seed) {
    Random random = new Random(seed);
    Direct ec2 = new Direct();
    Set<String> model = identities(ec2);
    for (int step = 0; step < STEPS; step++) {
      boolean authorize = random.nextInt(5) < 3;
      List<Written> permissions = new ArrayList<>();
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        permissions.add(permission(random, permissions.size() + 1));
      }
      Map<String, String> form = new HashMap<>(Map.of("GroupId", Lab.DB_GROUP));
      permissions.forEach(p -> form.putAll(p.form));
      List<String> identities = permissions.stream().map(Written::identity).toList();

      String expected = authorize ? authorized(model, identities) : revoked(model, identities);
      String answer =
          ec2.call(
              authorize ? "AuthorizeSecurityGroupIngress" : "RevokeSecurityGroupIngress", form);

      assertThat(answer).as("seed %d, step %d: %s", seed, step, form).isEqualTo(expected);
      assertThat(identities(ec2)).as("seed %d, step %d: %s", seed, step, form).isEqualTo(model);
    }
  }

  private static String authorized(Set<String> model, List<String> wanted) {
    Set<String> before = new HashSet<>();
    for (String identity : wanted) {
      if (!before.add(identity)) {
        return "InvalidParameterValue";
      }
      if (model.contains(identity)) {
        return "InvalidPermission.Duplicate";
      }
    }
    model.addAll(wanted);
    return "ok";
  }

  private static String revoked(Set<String> model, List<String> wanted) {
    if (!model.containsAll(wanted)) {
      return "InvalidPermission.NotFound";
    }
    wanted.forEach(model::remove);
    return "ok";
  }

  private static Written permission(Random random, int n) {
    Spelling protocol = PROTOCOLS.get(random.nextInt(PROTOCOLS.size()));
    Spelling source = SOURCES.get(random.nextInt(SOURCES.size()));
    boolean v6 = source.written().contains(":");
    int from = 20 + random.nextInt(2);
    int to = from + random.nextInt(2);
    String at = "IpPermissions." + n + ".";
    Map<String, String> form = new HashMap<>();
    form.put(at + "IpProtocol", protocol.written());
    form.put(at + "FromPort", Integer.toString(from));
    form.put(at + "ToPort", Integer.toString(to));
    String list = at + (v6 ? "Ipv6Ranges.1." : "IpRanges.1.");
    form.put(list + (v6 ? "CidrIpv6" : "CidrIp"), source.written());
    // A description makes no other rule of it.
    form.put(list + "Description", "step " + random.nextInt(100));
    boolean ports = protocol.canonical().equals("tcp") || protocol.canonical().equals("udp");
    String identity =
        protocol.canonical() + (ports ? from + "-" + to : "") + " " + source.canonical();
    return new Written(form, identity);
  }

  private static Set<String> identities(Direct ec2) {
    return ec2.group(Lab.DB_GROUP).rules().stream()
        .filter(rule -> !rule.egress())
        .map(Rule::permission)
        .map(
            p ->
                p.protocol()
                    + (p.from() < 0 ? "" : p.from() + "-" + p.to())
                    + " "
                    + p.peer().value())
        .collect(Collectors.toCollection(HashSet::new));
  }
}
