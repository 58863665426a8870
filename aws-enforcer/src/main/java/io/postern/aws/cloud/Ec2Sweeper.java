package io.postern.aws.cloud;

import io.postern.aws.domain.Observed;
import io.postern.aws.domain.Step;
import io.postern.aws.domain.Sweep;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.Outcome;
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
 * after the call and the log is away. Groups that are empty then are left to the enforcer.
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

  private int sweep(Scope scope) throws CloudException {
    Ec2Clients.Pair ec2 = clients.of(scope);
    Ec2Reader reader =
        new Ec2Reader(ec2.reads(), scope, marks.installation(), new KnownGroups(), new OwnWrites());
    int swept = 0;
    for (Map.Entry<String, List<Observed.AccessGroup>> machine : reader.accessGroups().entrySet()) {
      RuleSetId ruleSet = new RuleSetId(scope + ":" + machine.getKey());
      for (Observed.AccessGroup group : machine.getValue()) {
        List<String> over = Sweep.over(ruleSet, group.ingress(), marks, clock.instant());
        if (!over.isEmpty()) {
          swept += revoke(new Ec2Writer(ec2.writes(), new OwnWrites()), ruleSet, group.id(), over);
        }
      }
    }
    return swept;
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
