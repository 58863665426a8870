package io.postern.aws.cloud;

import io.postern.aws.domain.AccessPlanner;
import io.postern.aws.domain.Limits;
import io.postern.aws.domain.Observed;
import io.postern.aws.domain.Step;
import io.postern.aws.domain.Sweep;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what is over by what stands in EC2 alone, even when the enforcer that opened it died right
 * after the call and the log is away. An access group that has been empty for a minute since its
 * last end is deleted too, also of a machine that is gone.
 */
public final class Ec2Sweeper {
  private static final Logger LOGGER = LoggerFactory.getLogger(Ec2Sweeper.class);

  private final Ec2Clients clients;
  private final Set<Scope> scopes;
  private final Marks marks;
  private final Clock clock;

  public Ec2Sweeper(Ec2Clients clients, Set<Scope> scopes, Marks marks, Clock clock) {
    this.clients = clients;
    this.scopes = Set.copyOf(scopes);
    this.marks = marks;
    this.clock = clock;
  }

  /**
   * Looks at every access group of every scope once.
   *
   * @return how many rules were taken away
   */
  public int sweep() {
    int swept = 0;
    for (Scope scope : scopes) {
      try {
        swept += sweep(scope);
      } catch (CloudException e) {
        LOGGER
            .atError()
            .addKeyValue("scope", scope)
            .addKeyValue("why", e.getMessage())
            .log("cannot sweep, what is over there may be open");
      }
    }
    return swept;
  }

  /** Sweeps until the thread is interrupted. */
  public void sweepForever(java.time.Duration pause) throws InterruptedException {
    while (true) {
      sweep();
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    }
  }

  /** Those that it looks after. */
  public Set<Scope> scopes() {
    return scopes;
  }

  /**
   * Looks at every access group of a scope once.
   *
   * @return how many rules were taken away
   */
  public int sweep(Scope scope) throws CloudException {
    Ec2Clients.Pair ec2 = clients.of(scope);
    Ec2Reader reader =
        new Ec2Reader(ec2.reads(), scope, marks.installation(), new KnownGroups(), new OwnWrites());
    Ec2Writer writer = new Ec2Writer(ec2.writes(), new OwnWrites());
    int swept = 0;
    for (Map.Entry<String, List<Observed.AccessGroup>> machine : reader.accessGroups().entrySet()) {
      RuleSetId ruleSet = new RuleSetId(scope + ":" + machine.getKey());
      for (Observed.AccessGroup group : machine.getValue()) {
        List<String> over = Sweep.over(ruleSet, group.ingress(), marks, clock.instant());
        if (!over.isEmpty()) {
          swept += revoke(writer, ruleSet, group.id(), over);
        }
      }
      if (isLeft(machine.getValue())) {
        remove(scope, writer, ruleSet, reader.access(machine.getKey()));
      }
    }
    return swept;
  }

  /** Takes what is left empty off the machine, if it is still there, and deletes it. */
  private void remove(Scope scope, Ec2Writer writer, RuleSetId ruleSet, Observed.Access observed) {
    if (!isLeft(observed.groups())) {
      return;
    }
    RuleSetIntent nothing =
        new RuleSetIntent(ruleSet, scope, List.of(), Optional.empty(), clock.instant());
    for (Step step : AccessPlanner.plan(nothing, observed, marks, Limits.DEFAULT).steps()) {
      Optional<Outcome> trouble = writer.write(step);
      LOGGER
          .atWarn()
          .addKeyValue("ruleSet", ruleSet)
          .addKeyValue("step", step)
          .addKeyValue("trouble", trouble)
          .log("swept: nobody else tidied up this empty group");
      if (trouble.isPresent()) {
        return;
      }
    }
  }

  /** Whether all access groups of a machine are empty and forgotten; it is about none but these. */
  private boolean isLeft(List<Observed.AccessGroup> groups) {
    List<Observed.AccessGroup> own = groups.stream().filter(g -> !g.standing()).toList();
    return !own.isEmpty() && own.stream().allMatch(g -> Sweep.isLeft(g, clock.instant()));
  }

  private static int revoke(Ec2Writer writer, RuleSetId ruleSet, String group, List<String> rules) {
    Optional<Outcome> trouble = writer.write(new Step.Revoke(group, rules));
    if (trouble.isPresent()) {
      LOGGER
          .atError()
          .addKeyValue("ruleSet", ruleSet)
          .addKeyValue("rules", rules)
          .addKeyValue("why", trouble.get())
          .log("rules are over and could not be taken away, trying again");
      return 0;
    }
    LOGGER
        .atWarn()
        .addKeyValue("ruleSet", ruleSet)
        .addKeyValue("rules", rules)
        .log("swept: nobody else took these rules away in time");
    return rules.size();
  }
}
