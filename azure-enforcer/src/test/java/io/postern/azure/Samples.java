package io.postern.azure;

import io.postern.azure.domain.NsgRule;
import io.postern.azure.domain.NsgStep;
import io.postern.azure.domain.ObservedNsg;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.Ids;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Values for the tests. */
public final class Samples {
  public static final String SUBSCRIPTION = "00000000-0000-0000-0000-000000000001";
  public static final Scope SCOPE = Scope.azure(SUBSCRIPTION);
  public static final Instant NOW = Instant.parse("2026-11-02T10:00:00Z");
  public static final Marks MARKS = new Marks("postern", new byte[32]);
  public static final String OUTSIDE = "203.0.113.7";

  private Samples() {}

  public static MachineId machineId(String name) {
    return new MachineId(
        "/subscriptions/"
            + SUBSCRIPTION
            + "/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/"
            + name);
  }

  public static RuleSetId nsgId(String name) {
    return new RuleSetId(
        ("/subscriptions/"
                + SUBSCRIPTION
                + "/resourcegroups/shop/providers/microsoft.network/networksecuritygroups/"
                + name)
            .toLowerCase(java.util.Locale.ROOT));
  }

  public static MachineFacts facts(String name, String... addresses) {
    return new MachineFacts(
        machineId(name),
        name,
        Map.of(),
        List.of(addresses),
        List.of(),
        true,
        List.of(nsgId(name + "-nsg")));
  }

  public static Lock lock(boolean override, PortSpec... ports) {
    return new Lock(List.of(new PolicyId("ssh")), List.of(ports), override, false);
  }

  public static Grant grant(String machine, String source, PortSpec... ports) {
    MachineId id = machineId(machine);
    RequestId request = new RequestId(Ids.derived("request", machine, source, "" + ports.length));
    return new Grant(
        GrantId.of(request, id),
        request,
        id,
        List.of(ports),
        List.of(Cidr.parse(source)),
        NOW,
        NOW.plusSeconds(900),
        new PolicyId("ssh"),
        Optional.empty(),
        false);
  }

  public static RuleSetIntent intent(String nsg, MachineIntent... machines) {
    return new RuleSetIntent(nsgId(nsg), SCOPE, List.of(machines), Optional.empty(), NOW);
  }

  public static MachineIntent machine(MachineFacts facts, Optional<Lock> lock, Grant... grants) {
    return new MachineIntent(facts, lock, List.of(grants));
  }

  /** A foreign inbound TCP rule. */
  public static NsgRule rule(
      String name, boolean allows, int priority, String source, String port) {
    return new NsgRule(
        name,
        true,
        allows,
        priority,
        "Tcp",
        List.of(source),
        List.of("*"),
        List.of("*"),
        List.of(port),
        List.of(),
        List.of(),
        "",
        NsgRule.State.IN_FORCE);
  }

  public static ObservedNsg nsg(NsgRule... rules) {
    return new ObservedNsg(true, "W/\"1\"", List.of(rules));
  }

  /** What the group looks like once the steps are done. */
  public static ObservedNsg done(ObservedNsg before, List<NsgStep> steps) {
    List<NsgRule> rules = new ArrayList<>(before.rules());
    for (NsgStep step : steps) {
      rules.removeIf(r -> step.names().stream().anyMatch(r.name()::equalsIgnoreCase));
      if (step instanceof NsgStep.PutRule put) {
        rules.add(put.rule());
      }
    }
    return new ObservedNsg(true, "W/\"2\"", rules);
  }
}
