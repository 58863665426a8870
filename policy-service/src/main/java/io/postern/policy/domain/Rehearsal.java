package io.postern.policy.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.Quotas;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.policy.domain.PastRequest.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What other policies would have said to requests of the past, each at its own time, by {@link
 * Decider}. What was looked up then is taken as it was found. What the policies now ask for and
 * nobody looked up then is tried both ways: where that makes a difference, the answer depends on
 * it.
 */
public final class Rehearsal {

  /** What a change does to a decision. */
  public enum Effect {
    STAYS,
    TURNS,
    /** It turns or not, by something that nobody looked up then. */
    DEPENDS
  }

  /**
   * An answer and its reason.
   *
   * @param why the check that fails, or the policy that decides
   */
  public record Answer(Verdict verdict, String why) {}

  /**
   * A request under the policies in force and under the changed ones.
   *
   * @param now under those in force; where it depends, as if everything unknown held
   */
  public record Compared(PastRequest past, Answer now, Answer changed, Effect effect) {

    /** Whether the policies in force would already decide otherwise than was decided then. */
    public boolean hasDriftedAlready() {
      return past.verdict() != now.verdict();
    }
  }

  private final Function<MachineId, Optional<MachineFacts>> machines;
  private final Collection<Policy> inForce;
  private final OperatorBounds bounds;
  private final Conditions conditions;

  /**
   * @param machines what is known of a machine
   * @param inForce the policies in force
   */
  public Rehearsal(
      Function<MachineId, Optional<MachineFacts>> machines,
      Collection<Policy> inForce,
      OperatorBounds bounds,
      Conditions conditions) {
    this.machines = machines;
    this.inForce = List.copyOf(inForce);
    this.bounds = bounds;
    this.conditions = conditions;
  }

  /** The past under the policies in force, beside the same with one of them put anew. */
  public List<Compared> of(Policy changed, List<PastRequest> past) {
    List<Policy> swapped =
        Stream.concat(
                inForce.stream().filter(p -> !p.id().equals(changed.id())), Stream.of(changed))
            .toList();
    List<Answer> nowKind = answers(past, inForce, true);
    List<Answer> nowUnkind = answers(past, inForce, false);
    List<Answer> thenKind = answers(past, swapped, true);
    List<Answer> thenUnkind = answers(past, swapped, false);
    List<Compared> all = new ArrayList<>();
    for (int i = 0; i < past.size(); i++) {
      boolean turnsKind = nowKind.get(i).verdict() != thenKind.get(i).verdict();
      boolean turnsUnkind = nowUnkind.get(i).verdict() != thenUnkind.get(i).verdict();
      boolean known =
          thenKind.get(i).verdict() == thenUnkind.get(i).verdict()
              && nowKind.get(i).verdict() == nowUnkind.get(i).verdict();
      Effect effect =
          !turnsKind && !turnsUnkind ? Effect.STAYS : known ? Effect.TURNS : Effect.DEPENDS;
      Answer then = effect == Effect.DEPENDS && !turnsKind ? thenUnkind.get(i) : thenKind.get(i);
      all.add(new Compared(past.get(i), nowKind.get(i), then, effect));
    }
    return all;
  }

  /** Of machines that are asked for together, what the least lucky one is told counts. */
  private List<Answer> answers(List<PastRequest> past, Collection<Policy> policies, boolean kind) {
    List<Answer> alone = past.stream().map(p -> answer(p, policies, kind)).toList();
    Map<RequestId, List<Integer>> together = new HashMap<>();
    for (int i = 0; i < past.size(); i++) {
      if (!past.get(i).request().together().isEmpty()) {
        together.computeIfAbsent(past.get(i).request().id(), id -> new ArrayList<>()).add(i);
      }
    }
    List<Answer> all = new ArrayList<>(alone);
    for (List<Integer> parts : together.values()) {
      Verdict worst =
          parts.stream().map(i -> alone.get(i).verdict()).max(Verdict::compareTo).orElseThrow();
      for (int i : parts) {
        if (alone.get(i).verdict() != worst) {
          all.set(i, new Answer(worst, "together: another machine of the request decides"));
        }
      }
    }
    return all;
  }

  private Answer answer(PastRequest past, Collection<Policy> policies, boolean kind) {
    Decision decision = decide(past, policies, kind, 0, past.heldAt());
    for (int n = 1; n <= past.approvals().size() && decision instanceof Decision.Waiting; n++) {
      decision = decide(past, policies, kind, n, past.approvals().get(n - 1).givenAt());
    }
    return switch (decision) {
      case Decision.Granted g -> new Answer(Verdict.GRANTED, "policy " + g.policy());
      case Decision.Waiting w ->
          new Answer(
              Verdict.WAITS,
              "approval: policy %s asks for more than the %d that were given"
                  .formatted(w.policy(), past.approvals().size()));
      case Decision.Denied d ->
          new Answer(
              Verdict.DENIED,
              d.checks().stream()
                  .filter(c -> c.result() == Check.Result.FAILED)
                  .map(c -> c.name() + ": " + c.detail())
                  .collect(Collectors.joining("; ")));
    };
  }

  private Decision decide(
      PastRequest past, Collection<Policy> policies, boolean kind, int approvals, Instant at) {
    AccessRequest request = past.request();
    Optional<MachineFacts> known = machines.apply(request.machine());
    MachineFacts machine = known.orElseGet(() -> MachineFacts.unseen(request.machine()));
    List<Finding> found =
        LookupNeeds.of(policies, machine, request.justification(), request.breakGlass())
            .find(new AsFoundThen(past, kind), request.requestor(), machine);
    return Decider.decide(
        new Decider.Case(
            request.withFindings(found),
            machine,
            known.isPresent(),
            List.of(),
            past.approvals().subList(0, approvals),
            new UsageThen(past, policies, inForce, kind),
            past.heldAt()),
        policies,
        bounds,
        conditions,
        at);
  }

  /** Says what was found then, and guesses the rest. */
  private record AsFoundThen(PastRequest past, boolean kind) implements Lookups {
    @Override
    public Finding ticket(String ticket) {
      return recorded(Finding.Kind.TICKET)
          .filter(f -> f.subject().equals(ticket))
          .findFirst()
          .or(
              () ->
                  past.seen("ticket")
                      .filter(c -> names(c.detail(), ticket))
                      .map(c -> finding(Finding.Kind.TICKET, ticket, c)))
          .orElseGet(() -> guess(Finding.Kind.TICKET, ticket));
    }

    @Override
    public Finding cloudPermission(Requestor person, MachineFacts machine) {
      return recorded(Finding.Kind.CLOUD_PERMISSION)
          .findFirst()
          .or(
              () ->
                  past.seen("cloudPermission")
                      .map(c -> finding(Finding.Kind.CLOUD_PERMISSION, person.subject(), c)))
          .orElseGet(() -> guess(Finding.Kind.CLOUD_PERMISSION, person.subject()));
    }

    private Stream<Finding> recorded(Finding.Kind what) {
      return past.request().findings().stream().filter(f -> f.kind() == what);
    }

    private static boolean names(String sentence, String ticket) {
      return List.of(sentence.split("[\\s,;:]+", -1)).contains(ticket);
    }

    private static Finding finding(Finding.Kind what, String subject, PastRequest.Seen check) {
      return new Finding(
          what,
          subject,
          check.result() == Check.Result.PASSED ? Finding.Result.HOLDS : Finding.Result.FAILS,
          check.detail());
    }

    private Finding guess(Finding.Kind what, String subject) {
      return new Finding(
          what,
          subject,
          kind ? Finding.Result.HOLDS : Finding.Result.FAILS,
          "nobody looked it up then");
    }
  }

  /**
   * Room or none, as the check said then where the same quotas were asked about; otherwise a guess.
   */
  private record UsageThen(
      PastRequest past, Collection<Policy> policies, Collection<Policy> inForce, boolean kind)
      implements Usage {
    @Override
    public boolean isKnown() {
      return true;
    }

    @Override
    public long openGrants(PolicyId policy, Optional<Owner> of, Collection<GrantId> except) {
      return count(policy);
    }

    @Override
    public long requestsAfter(PolicyId policy, Optional<Owner> of, Instant since, GrantId except) {
      return count(policy);
    }

    private long count(PolicyId policy) {
      boolean hasRoom =
          past.seen("quota")
              .filter(c -> isAsThen(policy))
              .map(c -> c.result() == Check.Result.PASSED)
              .orElse(kind);
      return hasRoom ? 0 : Long.MAX_VALUE;
    }

    private boolean isAsThen(PolicyId policy) {
      Optional<Policy> asked = named(policies, policy);
      return past.policy().filter(policy::equals).isPresent()
          && named(inForce, policy)
              .filter(p -> p.version() == past.policyVersion())
              .filter(p -> asked.filter(a -> quotas(a).equals(quotas(p))).isPresent())
              .isPresent();
    }

    private static Quotas quotas(Policy policy) {
      return policy.terms().quotas();
    }

    private static Optional<Policy> named(Collection<Policy> all, PolicyId id) {
      return all.stream().filter(p -> p.id().equals(id)).findFirst();
    }
  }
}
