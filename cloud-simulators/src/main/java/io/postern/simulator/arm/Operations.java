package io.postern.simulator.arm;

import io.postern.simulator.kernel.SimulatorClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The long-running operations, running and ended. Guarded by the world's lock. */
final class Operations {
  /** Ended operations that can still be asked for. */
  private static final int KEPT = 20_000;

  private final World world;
  private final SimulatorClock clock;
  private final SequencedMap<String, Operation> byId = new LinkedHashMap<>();
  private final Map<String, Operation> runningByRoot = new LinkedHashMap<>();
  private final List<OperationPlan.Armed> armed = new ArrayList<>();
  private final Consumer<ResourceId> inEffect;

  /**
   * @param inEffect told the top-level resource after a change to it became what packets meet
   */
  Operations(World world, SimulatorClock clock, Consumer<ResourceId> inEffect) {
    this.world = world;
    this.clock = clock;
    this.inEffect = inEffect;
  }

  void arm(OperationPlan.Armed plan) {
    armed.add(plan);
  }

  void disarm() {
    armed.clear();
  }

  OperationPlan planFor(String action) {
    OperationPlan plan = OperationPlan.DEFAULT;
    for (Iterator<OperationPlan.Armed> it = armed.iterator(); it.hasNext(); ) {
      OperationPlan.Armed next = it.next();
      OperationPlan struck = next.strike(action);
      plan = struck == null ? plan : struck;
      if (next.isSpent()) {
        it.remove();
      }
    }
    return plan;
  }

  @Nullable Operation running(ResourceId resource) {
    return runningByRoot.get(resource.root().key());
  }

  @Nullable Operation get(String id) {
    return byId.get(id);
  }

  /** Those that run and the newest of those that have ended, oldest first. */
  Collection<Operation> worthKeeping(int ended) {
    Set<Operation> kept = new LinkedHashSet<>(runningByRoot.values());
    byId.sequencedValues().reversed().stream().limit(ended).toList().reversed().forEach(kept::add);
    return kept;
  }

  /** Starts an operation; the caller fills {@code touched} and calls {@link #settle}. */
  Operation start(
      ResourceId resource, boolean delete, String location, OperationPlan plan, Duration latency) {
    Duration takes = plan.latency() == null ? latency : plan.latency();
    boolean never = plan.outcome() == OperationPlan.Outcome.NEVER;
    Operation operation =
        new Operation(
            UUID.randomUUID().toString(),
            resource,
            delete,
            location,
            plan,
            never ? null : clock.now().plus(takes));
    restore(operation);
    return operation;
  }

  void restore(Operation operation) {
    byId.put(operation.id, operation);
    if (operation.isRunning()) {
      runningByRoot.put(operation.resource.root().key(), operation);
    }
    if (byId.size() > KEPT) {
      byId.pollFirstEntry();
    }
  }

  /** The newer write takes over what the older one had not finished. */
  void supersede(Operation older, Operation newer) {
    older.end(
        Operation.CANCELED,
        "CanceledAndSupersededDueToAnotherOperation",
        "Operation was canceled. Operation %s (%s) was canceled and superseded by operation %s (%s)."
            .formatted(older.name(), older.id, newer.name(), newer.id));
    for (String key : older.touched) {
      Stored stored = world.get(key);
      if (stored != null && older.id.equals(stored.operation())) {
        world.put(stored.withOperation(newer.id));
        newer.touched.add(key);
      }
    }
  }

  /** Whether some operation's time is over. Safe under the read lock. */
  boolean isAnyDue() {
    if (runningByRoot.isEmpty()) {
      return false;
    }
    Instant now = clock.now();
    return runningByRoot.values().stream().anyMatch(o -> isDue(o, now));
  }

  private static boolean isDue(Operation operation, Instant now) {
    return operation.endsAt != null && !operation.endsAt.isAfter(now);
  }

  /** Ends the operations whose time is over, in the order of their ends. True when any was. */
  boolean settle() {
    if (runningByRoot.isEmpty()) {
      return false;
    }
    Instant now = clock.now();
    List<Operation> due =
        new ArrayList<>(runningByRoot.values().stream().filter(o -> isDue(o, now)).toList());
    due.sort((a, b) -> a.endsAt == null || b.endsAt == null ? 0 : a.endsAt.compareTo(b.endsAt));
    due.forEach(this::finish);
    return !due.isEmpty();
  }

  private void finish(Operation operation) {
    runningByRoot.remove(operation.resource.root().key(), operation);
    boolean succeeds = operation.plan.outcome() == OperationPlan.Outcome.SUCCEEDED;
    for (String key : operation.touched) {
      Stored stored = world.get(key);
      if (stored == null || !operation.id.equals(stored.operation())) {
        continue;
      }
      if (!succeeds) {
        world.put(stored.failed());
      } else if (stored.state().equals(Stored.DELETING)) {
        world.removeTree(stored.id());
      } else {
        world.put(stored.succeeded());
      }
    }
    switch (operation.plan.outcome()) {
      case SUCCEEDED -> operation.end(Stored.SUCCEEDED, null, null);
      case FAILED -> end(operation, Stored.FAILED, "InternalServerError");
      case CANCELED ->
          end(operation, Operation.CANCELED, "CanceledAndSupersededDueToAnotherOperation");
      case NEVER -> {}
    }
    if (succeeds) {
      inEffect.accept(operation.resource.root());
    }
  }

  private static void end(Operation operation, String status, String usualCode) {
    String code = operation.plan.code() == null ? usualCode : operation.plan.code();
    operation.end(status, code, operation.name() + " ended as the simulator was told to end it.");
  }

  void clear() {
    byId.clear();
    runningByRoot.clear();
    armed.clear();
  }
}
