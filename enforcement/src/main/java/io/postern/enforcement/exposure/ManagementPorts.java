package io.postern.enforcement.exposure;

import io.postern.enforcement.domain.Lock;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The ports that are looked at. */
public final class ManagementPorts {
  /** Those that Defender's flow charts name. */
  public static final List<PortSpec> DEFENDERS =
      List.of(PortSpec.tcp(22), PortSpec.tcp(3389), PortSpec.tcp(5985), PortSpec.tcp(5986));

  private ManagementPorts() {}

  /**
   * The policies' ports, one protocol each, and those of Defender that no policy names.
   *
   * @param lock the machine's lock-down, if there is one
   */
  public static List<PortSpec> of(Optional<Lock> lock) {
    List<PortSpec> managed =
        lock.stream().flatMap(l -> l.ports().stream()).flatMap(p -> each(p).stream()).toList();
    TreeSet<PortSpec> all = new TreeSet<>(managed);
    DEFENDERS.stream().filter(d -> managed.stream().noneMatch(m -> m.covers(d))).forEach(all::add);
    return List.copyOf(all);
  }

  private static boolean isManaged(PortSpec ports, Optional<Lock> lock) {
    return lock.stream().flatMap(l -> l.ports().stream()).anyMatch(p -> p.covers(ports));
  }

  private static List<PortSpec> each(PortSpec ports) {
    return ports.protocol() == Protocol.ANY
        ? List.of(
            new PortSpec(ports.ports(), Protocol.TCP), new PortSpec(ports.ports(), Protocol.UDP))
        : List.of(ports);
  }

  /**
   * Who can reach each of these ports. Neighbouring ports that the same sources reach by the same
   * rules are one.
   *
   * @param borders first ports, in any order, from which on other rules may apply
   * @param passage who reaches one port
   */
  public static List<PortExposure> exposure(
      Optional<Lock> lock,
      Function<PortSpec, List<Integer>> borders,
      BiFunction<Protocol, Integer, Passage> passage) {
    List<PortExposure> all = new ArrayList<>();
    for (PortSpec ports : of(lock)) {
      boolean managed = isManaged(ports, lock);
      for (PortSpec piece : cut(ports, borders.apply(ports))) {
        List<Exposed> exposed = passage.apply(piece.protocol(), piece.ports().from()).exposed();
        PortExposure last = all.isEmpty() ? null : all.getLast();
        if (last != null && continues(last, piece, managed, exposed)) {
          all.removeLast();
          piece =
              new PortSpec(
                  new PortRange(last.ports().ports().from(), piece.ports().to()), piece.protocol());
        }
        all.add(new PortExposure(piece, managed, exposed));
      }
    }
    return all;
  }

  private static boolean continues(
      PortExposure last, PortSpec piece, boolean managed, List<Exposed> exposed) {
    return last.managed() == managed
        && last.ports().protocol() == piece.protocol()
        && last.ports().ports().to() + 1 == piece.ports().from()
        && last.reachableFrom().equals(exposed);
  }

  private static List<PortSpec> cut(PortSpec ports, List<Integer> borders) {
    List<PortSpec> pieces = new ArrayList<>();
    int from = ports.ports().from();
    for (int border : new TreeSet<>(borders)) {
      if (border > from && border <= ports.ports().to()) {
        pieces.add(new PortSpec(new PortRange(from, border - 1), ports.protocol()));
        from = border;
      }
    }
    pieces.add(new PortSpec(new PortRange(from, ports.ports().to()), ports.protocol()));
    return pieces;
  }
}
