package io.postern.audit.story;

import io.postern.event.AccessClosed;
import io.postern.event.AccessDenied;
import io.postern.event.AccessExpired;
import io.postern.event.AccessExpiring;
import io.postern.event.AccessExtended;
import io.postern.event.AccessGranted;
import io.postern.event.AccessOpened;
import io.postern.event.AccessRevoked;
import io.postern.event.ApprovalGiven;
import io.postern.event.ApprovalRefused;
import io.postern.event.BreakGlassUsed;
import io.postern.event.DriftDetected;
import io.postern.event.EnforcementFailed;
import io.postern.event.ExtensionRequested;
import io.postern.event.LockdownApplied;
import io.postern.event.LockdownLifted;
import io.postern.event.Person;
import io.postern.event.PlanComputed;
import io.postern.event.PlanRequested;
import io.postern.event.PolicyDeleted;
import io.postern.event.PolicyPut;
import io.postern.event.RequestSubmitted;
import io.postern.event.ReviewGiven;
import io.postern.event.RevocationRequested;
import io.postern.event.WishRefused;
import io.postern.story.Sentences;
import io.postern.story.Words;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Each event as one of the Open Cybersecurity Schema Framework, version 1.5.0
 * (https://schema.ocsf.io/1.5.0), for a SIEM:
 *
 * <ul>
 *   <li>what somebody says (requests, approvals, wishes): API Activity, 6003;
 *   <li>what is decided about a person's access: User Access Management, 3005;
 *   <li>what is done to rule sets and policies: Entity Management, 3004.
 * </ul>
 *
 * <p>{@code docs/ocsf.schema.json} has what these classes require.
 */
public final class Ocsf {
  private static final String VERSION = "1.5.0";
  private static final JsonMapper JSON = JsonMapper.shared();

  /** A class of OCSF and an activity in it. */
  private record Kind(
      int category, String categoryName, int type, String name, int activity, String activityName) {
    static Kind access(int activity, String name) {
      return new Kind(
          3, "Identity & Access Management", 3005, "User Access Management", activity, name);
    }

    static Kind entity(int activity, String name) {
      return new Kind(3, "Identity & Access Management", 3004, "Entity Management", activity, name);
    }

    static Kind api(int activity, String name) {
      return new Kind(6, "Application Activity", 6003, "API Activity", activity, name);
    }
  }

  private Ocsf() {}

  public static ObjectNode of(Told told) {
    SpecificRecord event = told.event();
    Kind kind = kind(event);
    ObjectNode json = JSON.createObjectNode();
    json.put("class_uid", kind.type());
    json.put("class_name", kind.name());
    json.put("category_uid", kind.category());
    json.put("category_name", kind.categoryName());
    json.put("activity_id", kind.activity());
    json.put("activity_name", kind.activityName());
    json.put("type_uid", kind.type() * 100L + kind.activity());
    json.put("type_name", kind.name() + ": " + kind.activityName());
    json.put("time", Facts.occurredAt(event).orElse(told.at()).toEpochMilli());
    severity(json, event);
    status(json, event);
    json.put("message", Sentences.of(event));
    metadata(json.putObject("metadata"), told);
    Facts facts = Facts.of(event);
    switch (kind.type()) {
      case 3005 -> access(json, event, facts);
      case 3004 -> entity(json, event, facts);
      default -> api(json, told, facts);
    }
    unmapped(json.putObject("unmapped"), told, facts);
    return json;
  }

  private static Kind kind(SpecificRecord event) {
    return switch (event) {
      case AccessGranted e -> Kind.access(1, "Assign Privileges");
      case AccessExtended e -> Kind.access(1, "Assign Privileges");
      case AccessDenied e -> Kind.access(1, "Assign Privileges");
      case BreakGlassUsed e -> Kind.access(1, "Assign Privileges");
      case AccessRevoked e -> Kind.access(2, "Revoke Privileges");
      case AccessExpired e -> Kind.access(2, "Revoke Privileges");
      case AccessOpened e -> Kind.entity(3, "Update");
      case AccessClosed e -> Kind.entity(3, "Update");
      case EnforcementFailed e -> Kind.entity(3, "Update");
      case LockdownApplied e -> Kind.entity(3, "Update");
      case LockdownLifted e -> Kind.entity(3, "Update");
      case DriftDetected e -> Kind.entity(3, "Update");
      case PolicyPut e -> e.getDryRun() ? Kind.entity(2, "Read") : Kind.entity(3, "Update");
      case PolicyDeleted e -> Kind.entity(4, "Delete");
      case RequestSubmitted e -> Kind.api(1, "Create");
      case AccessExpiring e -> Kind.api(99, "Other");
      case PlanRequested e -> Kind.api(2, "Read");
      case PlanComputed e -> Kind.api(2, "Read");
      case RevocationRequested e -> Kind.api(4, "Delete");
      default -> Kind.api(3, "Update");
    };
  }

  private static void severity(ObjectNode json, SpecificRecord event) {
    int id =
        switch (event) {
          case BreakGlassUsed e -> 4;
          case EnforcementFailed e -> 3;
          case DriftDetected e -> 3;
          case LockdownApplied e -> e.getBypassedBy().isEmpty() ? 1 : 3;
          case AccessDenied e -> 2;
          default -> 1;
        };
    json.put("severity_id", id);
    json.put("severity", List.of("Informational", "Low", "Medium", "High").get(id - 1));
  }

  private static void status(ObjectNode json, SpecificRecord event) {
    Optional<String> failure =
        switch (event) {
          case AccessDenied e -> Optional.of(Words.reasons(e.getReasons()));
          case EnforcementFailed e -> Optional.of(e.getMessage());
          case WishRefused e -> Optional.of(e.getReason().getMessage());
          default -> Optional.empty();
        };
    json.put("status_id", failure.isPresent() ? 2 : 1);
    json.put("status", failure.isPresent() ? "Failure" : "Success");
    failure.ifPresent(f -> json.put("status_detail", f));
  }

  private static void metadata(ObjectNode json, Told told) {
    json.put("version", VERSION);
    json.putObject("product").put("name", "Postern").put("vendor_name", "Postern");
    json.put("uid", Facts.text(told.event(), "eventId").orElse(told.place() + "/" + told.offset()));
    Facts.text(told.event(), "requestId").ifPresent(r -> json.put("correlation_uid", r));
    json.put("event_code", told.event().getSchema().getName());
    json.put("log_name", told.place().toString());
    json.put("sequence", told.offset());
    json.put("logged_time", told.at().toEpochMilli());
  }

  private static void access(ObjectNode json, SpecificRecord event, Facts facts) {
    ObjectNode user = json.putObject("user");
    switch (event) {
      case AccessGranted e -> person(user, e.getRequestor());
      case AccessDenied e -> person(user, e.getRequestor());
      case BreakGlassUsed e -> person(user, e.getRequestor());
      // Whose grant it is stands in the decision with the same correlation_uid.
      default -> user.put("uid", grant(Facts.text(event, "grantId").orElse("")));
    }
    privileges(json, event, facts);
    if (event instanceof AccessRevoked e && e.getRevokedBy() != null) {
      json.putObject("actor").putObject("user").put("name", e.getRevokedBy());
    }
    resources(json, facts);
  }

  private static void entity(ObjectNode json, SpecificRecord event, Facts facts) {
    ObjectNode entity = json.putObject("entity");
    switch (event) {
      case PolicyPut e -> {
        entity.put("type", "policy").put("uid", e.getPolicyId()).put("name", e.getPolicyId());
        person(json.putObject("actor").putObject("user"), e.getRequestor());
      }
      case PolicyDeleted e -> {
        entity.put("type", "policy").put("uid", e.getPolicyId()).put("name", e.getPolicyId());
        person(json.putObject("actor").putObject("user"), e.getRequestor());
      }
      case DriftDetected e -> entity.put("type", "firewall rule set").put("uid", e.getRuleSetId());
      default -> {
        String machine = String.join(",", new TreeSet<>(facts.machines()));
        entity
            .put("type", "virtual machine")
            .put("uid", machine)
            .put("name", Words.machine(machine));
      }
    }
    json.put("comment", Sentences.of(event));
  }

  private static void api(ObjectNode json, Told told, Facts facts) {
    json.putObject("api").put("operation", told.event().getSchema().getName());
    ObjectNode user = json.putObject("actor").putObject("user");
    speaker(told.event())
        .ifPresentOrElse(p -> person(user, p), () -> user.put("name", told.speaker()));
    json.putObject("src_endpoint").put("svc_name", told.speaker());
    resources(json, facts);
  }

  /** Who says it, where a person does; a service speaks for itself. */
  private static Optional<Person> speaker(SpecificRecord event) {
    return switch (event) {
      case RequestSubmitted e -> Optional.of(e.getRequestor());
      case RevocationRequested e -> Optional.of(e.getRequestor());
      case ExtensionRequested e -> Optional.of(e.getRequestor());
      case ApprovalGiven e -> Optional.of(e.getApprover());
      case ApprovalRefused e -> Optional.of(e.getApprover());
      case ReviewGiven e -> Optional.of(e.getReviewer());
      default -> Optional.empty();
    };
  }

  private static void person(ObjectNode user, Person person) {
    user.put("name", person.getSubject());
    user.put("domain", person.getIssuer());
    if (!person.getGroups().isEmpty()) {
      ArrayNode groups = user.putArray("groups");
      person.getGroups().forEach(g -> groups.addObject().put("name", g));
    }
  }

  /** The class requires some: the ports where the event has them, else the grant itself. */
  private static void privileges(ObjectNode json, SpecificRecord event, Facts facts) {
    ArrayNode privileges = json.putArray("privileges");
    if (event instanceof AccessGranted e && !e.getPorts().isEmpty()) {
      e.getPorts().forEach(p -> privileges.add(Words.port(p)));
    } else {
      privileges.add(facts.grantId().map(Ocsf::grant).orElse("just-in-time access"));
    }
  }

  private static String grant(String id) {
    return "grant:" + id;
  }

  private static void resources(ObjectNode json, Facts facts) {
    if (!facts.machines().isEmpty()) {
      ArrayNode resources = json.putArray("resources");
      for (String machine : new TreeSet<>(facts.machines())) {
        resources
            .addObject()
            .put("uid", machine)
            .put("name", Words.machine(machine))
            .put("type", "virtual machine");
      }
    }
  }

  private static void unmapped(ObjectNode json, Told told, Facts facts) {
    json.put("signed_by", told.speaker());
    told.disbelieved().ifPresent(why -> json.put("not_to_be_believed", why));
    facts.requestId().ifPresent(r -> json.put("request_id", r));
    facts.grantId().ifPresent(g -> json.put("grant_id", g));
    for (String field :
        List.of("policyId", "policyVersion", "scope", "expiresAt", "justification")) {
      Facts.text(told.event(), field).ifPresent(v -> json.put(snake(field), v));
    }
    if (told.event() instanceof AccessOpened e) {
      ArrayNode sources = json.putArray("sources");
      e.getSources().forEach(sources::add);
      ArrayNode connect = json.putArray("connect");
      e.getConnect().forEach(c -> connect.add(c.getAddress() + ":" + c.getPort()));
    }
  }

  private static String snake(String camel) {
    return camel.replaceAll("([A-Z])", "_$1").toLowerCase(java.util.Locale.ROOT);
  }
}
