package io.postern.aws.cloud;

import io.postern.aws.domain.Observed;
import io.postern.aws.domain.Step;
import io.postern.enforcement.cloud.CloudAdapter;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.MachineFacts;
import io.postern.model.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A process that dies after its n-th write. */
final class Mortal {
  private final int dies;
  private final Runnable afterEach;
  private int written;
  private boolean isDead;

  /** What ends the process. */
  static final class Death extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * @param afterEach what is looked at after each write
   */
  Mortal(int dies, Runnable afterEach) {
    this.dies = dies;
    this.afterEach = afterEach;
  }

  boolean isDead() {
    return isDead;
  }

  CloudAdapter<Observed, Step> around(CloudAdapter<Observed, Step> cloud) {
    return new CloudAdapter<>() {
      @Override
      public Outcome apply(RuleSetIntent intent, Observed observed, List<Step> steps) {
        for (Step step : steps) {
          Outcome outcome = cloud.apply(intent, observed, List.of(step));
          afterEach.run();
          if (++written == dies) {
            isDead = true;
            throw new Death();
          }
          if (!(outcome instanceof Outcome.Applied)) {
            return outcome;
          }
        }
        return new Outcome.Applied();
      }

      @Override
      public List<MachineFacts> inventory(Scope scope) throws CloudException {
        return cloud.inventory(scope);
      }

      @Override
      public Observed observe(RuleSetIntent intent) throws CloudException {
        return cloud.observe(intent);
      }

      @Override
      public Plan<Step> plan(RuleSetIntent intent, Observed observed) {
        return cloud.plan(intent, observed);
      }

      @Override
      public boolean onlyAdds(List<Step> steps) {
        return cloud.onlyAdds(steps);
      }

      @Override
      public Assessment assess(RuleSetIntent intent, Observed observed) {
        return cloud.assess(intent, observed);
      }

      @Override
      public Duration lateReads() {
        return cloud.lateReads();
      }

      @Override
      public Map<String, String> describe(Observed observed) {
        return cloud.describe(observed);
      }

      @Override
      public List<String> explain(Observed observed, List<Step> steps) {
        return cloud.explain(observed, steps);
      }

      @Override
      public String establishedConnections() {
        return cloud.establishedConnections();
      }

      @Override
      public String lockdownNotice() {
        return cloud.lockdownNotice();
      }
    };
  }
}
