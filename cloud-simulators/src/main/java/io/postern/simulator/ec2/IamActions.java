package io.postern.simulator.ec2;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** IAM's SimulatePrincipalPolicy over the policies that the test API has set. */
final class IamActions {
  private static final String PRINCIPAL = "arn:aws:iam::\\d{12}:(user|group|role)/.+";

  private IamActions() {}

  static void register(Map<String, Action> actions, Map<String, Action.Service> services) {
    actions.put("SimulatePrincipalPolicy", IamActions::simulate);
    services.put("SimulatePrincipalPolicy", Action.Service.IAM);
  }

  private record Decision(String action, String resource, String decision, Set<String> missing) {}

  private static void simulate(Call call, Xml out) {
    String principal = call.in.required("PolicySourceArn");
    List<String> names = call.in.list("ActionNames.member");
    List<String> resources = call.in.list("ResourceArns.member");
    Map<String, List<String>> context = context(call.in);
    call.in.text("CallerArn");
    if (!principal.matches(PRINCIPAL)) {
      throw Ec2Error.of(
          "InvalidInput",
          "Invalid Entity Arn: " + principal + " does not clearly define entity type");
    }
    call.admit();
    List<Policy.Statement> statements =
        call.world.policies.stream()
            .filter(policy -> policy.principal().equals(principal))
            .flatMap(policy -> policy.statements().stream())
            .toList();
    if (call.world.policies.stream().noneMatch(policy -> policy.principal().equals(principal))) {
      throw new Ec2Error(404, "NoSuchEntity", "The entity " + principal + " cannot be found.");
    }
    List<Decision> decisions = new ArrayList<>();
    for (String action : names) {
      for (String resource : resources.isEmpty() ? List.of("*") : resources) {
        decisions.add(decide(statements, action, resource, context));
      }
    }
    out.text("IsTruncated", false).open("EvaluationResults");
    for (Decision decision : decisions) {
      out.open("member").text("EvalActionName", decision.action);
      out.text("EvalResourceName", decision.resource).text("EvalDecision", decision.decision);
      out.open("MissingContextValues");
      decision.missing.forEach(key -> out.text("member", key));
      out.close("MissingContextValues").close("member");
    }
    out.close("EvaluationResults");
  }

  private static Map<String, List<String>> context(Parameters in) {
    Map<String, List<String>> context = new HashMap<>();
    for (Parameters entry : in.structures("ContextEntries.member")) {
      entry.text("ContextKeyType");
      context.put(entry.required("ContextKeyName"), entry.list("ContextKeyValues.member"));
    }
    return context;
  }

  /** A deny that applies wins; a condition on a key that the caller has not given does not hold. */
  private static Decision decide(
      List<Policy.Statement> statements,
      String action,
      String resource,
      Map<String, List<String>> context) {
    Set<String> missing = new TreeSet<>();
    boolean allowed = false;
    boolean denied = false;
    for (Policy.Statement statement : statements) {
      if (statement.appliesTo(action, resource) && holds(statement, context, missing)) {
        allowed |= statement.effect().equals("Allow");
        denied |= statement.effect().equals("Deny");
      }
    }
    String decision = denied ? "explicitDeny" : allowed ? "allowed" : "implicitDeny";
    return new Decision(action, resource, decision, missing);
  }

  private static boolean holds(
      Policy.Statement statement, Map<String, List<String>> context, Set<String> missing) {
    boolean holds = true;
    for (Map.Entry<String, List<String>> condition : statement.conditions().entrySet()) {
      List<String> given = context.get(condition.getKey());
      if (given == null) {
        missing.add(condition.getKey());
        holds = false;
      } else {
        holds &=
            given.stream()
                .anyMatch(
                    value ->
                        condition.getValue().stream().anyMatch(p -> Wildcard.matches(p, value)));
      }
    }
    return holds;
  }
}
