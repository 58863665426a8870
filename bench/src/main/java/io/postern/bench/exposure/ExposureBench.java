package io.postern.bench.exposure;

import io.postern.azure.domain.NsgRule;
import io.postern.azure.domain.ObservedNsg;
import io.postern.azure.exposure.AzureExposure;
import io.postern.azure.exposure.Endpoint;
import io.postern.azure.exposure.Surroundings;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.exposure.Address;
import io.postern.enforcement.exposure.AddressSet;
import io.postern.enforcement.exposure.Exposed;
import io.postern.enforcement.exposure.PortExposure;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.RuleSetId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Machines behind two groups that share their rules evenly, one thread: who reaches the four
 * management ports, as sets with the deciding rules, beside asking the rules about every address at
 * which the answer may change. Both begin with the rules as they were read. They take turns, block
 * by block, on the same machines, and must agree.
 */
public final class ExposureBench {
  private static final MachineIntent UNDER_NO_POLICY =
      new MachineIntent(
          MachineFacts.unseen(
              new MachineId(
                  "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/fleet"
                      + "/providers/Microsoft.Compute/virtualMachines/any")),
          Optional.empty(),
          List.of());
  private static final int BLOCKS = 5;
  private static final int[] PORTS = {22, 3389, 5985, 5986};
  private static final String NETWORK =
      "/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/fleet/providers/microsoft.network/";

  private final Random random = new Random(1);
  private final Map<RuleSetId, ObservedNsg> groups = new HashMap<>();
  private final List<Endpoint> machines = new ArrayList<>();
  private final Marks marks = new Marks("bench", new byte[32]);

  private final Surroundings surroundings =
      new Surroundings() {
        @Override
        public Optional<ObservedNsg> group(RuleSetId id) {
          return Optional.ofNullable(groups.get(id));
        }

        @Override
        public List<Firewall> firewalls() {
          return List.of();
        }

        @Override
        public AddressSet members(String network, String group) {
          return AddressSet.NONE;
        }
      };

  private ExposureBench(int count, int rules) {
    AddressSet spaces = AddressSet.of("10.0.0.0/8");
    for (int i = 0; i < count; i++) {
      RuleSetId subnet = group("subnet-" + i, rules / 2);
      RuleSetId nic = group("nic-" + i, rules - rules / 2);
      machines.add(
          new Endpoint(
              "10.%d.%d.4".formatted(i / 256 % 256, i % 256),
              Endpoint.Front.BASIC,
              Optional.of(subnet),
              Optional.of(nic),
              NETWORK + "virtualnetworks/net",
              spaces,
              Set.of(),
              List.of()));
    }
  }

  private RuleSetId group(String name, int rules) {
    List<NsgRule> all = new ArrayList<>();
    for (int i = 0; i < rules; i++) {
      all.add(rule("rule-" + i, 100 + i));
    }
    RuleSetId id = new RuleSetId(NETWORK + "networksecuritygroups/" + name);
    groups.put(id, new ObservedNsg(true, "", all));
    return id;
  }

  /** Half of the rules concern a management port, as in groups that grew by hand. */
  private NsgRule rule(String name, int priority) {
    String port =
        switch (random.nextInt(8)) {
          case 0 -> "22";
          case 1 -> "3389";
          case 2 -> "5985-5986";
          case 3 -> "1-65535";
          default -> Integer.toString(443 + random.nextInt(1_000));
        };
    int length = 8 + random.nextInt(25);
    long network = random.nextInt() & 0xffff_ffffL & -(1L << (32 - length));
    String source =
        "%d.%d.%d.%d/%d"
            .formatted(
                network >> 24, network >> 16 & 255, network >> 8 & 255, network & 255, length);
    return new NsgRule(
        name,
        true,
        random.nextInt(3) > 0,
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

  public static void main(String[] args) {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
    int rules = args.length > 1 ? Integer.parseInt(args[1]) : 200;
    ExposureBench bench = new ExposureBench(count, rules);
    bench.block(0, Math.min(count, 1_000));
    List<double[]> rates = new ArrayList<>();
    for (int b = 0; b < BLOCKS; b++) {
      rates.add(bench.block(count * b / BLOCKS, count * (b + 1) / BLOCKS));
    }
    System.out.printf(
        Locale.ROOT,
        "| %,d machines, %d rules each, 4 ports | machines/s | ratio |%n|---|---|---|%n",
        count,
        rules);
    print("address by address, at every border of a rule", rates, 1, 1);
    print("sets with deciding rules", rates, 0, 1);
  }

  private static void print(String name, List<double[]> rates, int which, int floor) {
    double[] rate = rates.stream().mapToDouble(r -> r[which]).sorted().toArray();
    double[] ratio = rates.stream().mapToDouble(r -> r[which] / r[floor]).sorted().toArray();
    System.out.printf(
        Locale.ROOT,
        "| %s | %,.0f (%,.0f-%,.0f) | %.1f (%.1f-%.1f) |%n",
        name,
        rate[BLOCKS / 2],
        rate[0],
        rate[BLOCKS - 1],
        ratio[BLOCKS / 2],
        ratio[0],
        ratio[BLOCKS - 1]);
  }

  /** Machines per second as sets, and address by address. */
  private double[] block(int from, int to) {
    List<List<PortExposure>> exposures = new ArrayList<>();
    long begin = System.nanoTime();
    for (Endpoint e : machines.subList(from, to)) {
      exposures.add(new AzureExposure(UNDER_NO_POLICY, List.of(e), surroundings, marks).ports());
    }
    double sets = (to - from) * 1e9 / (System.nanoTime() - begin);
    int[] open = new int[to - from];
    List<Naive> naive = new ArrayList<>();
    begin = System.nanoTime();
    for (int i = 0; i < open.length; i++) {
      naive.add(naive(machines.get(from + i)));
      open[i] = naive.get(i).open(PORTS);
    }
    double asked = (to - from) * 1e9 / (System.nanoTime() - begin);
    for (int i = 0; i < open.length; i++) {
      check(exposures.get(i), naive.get(i), open[i]);
    }
    return new double[] {sets, asked};
  }

  private Naive naive(Endpoint machine) {
    return new Naive(
        List.of(
            groups.get(machine.subnetGroup().orElseThrow()),
            groups.get(machine.nicGroup().orElseThrow())));
  }

  private static void check(List<PortExposure> exposure, Naive naive, int open) {
    int told = 0;
    for (PortExposure port : exposure) {
      // Neighbouring ports that are reached alike are told as one.
      int ports = port.ports().ports().to() - port.ports().ports().from() + 1;
      for (Exposed e : port.reachableFrom()) {
        for (long border : naive.borders) {
          told += e.sources().contains(address(border)) ? ports : 0;
        }
      }
    }
    if (told != open) {
      throw new IllegalStateException("told " + told + " of the borders as open, found " + open);
    }
  }

  private static Address address(long number) {
    return new Address(false, 0, number);
  }
}
