package io.postern.azure.cloud;

import io.postern.azure.domain.Permissions;
import io.postern.enforcement.cloud.CloudException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Asks Azure what the enforcer's own principal may do in the resource groups that hold network
 * security groups: {@code GET .../providers/Microsoft.Authorization/permissions}, which answers for
 * the caller alone and counts no deny assignments.
 */
final class SelfTest {
  /** More resource groups are not asked about: the answer rarely differs among them. */
  static final int MOST_GROUPS = 20;

  private static final String VERSION = "2022-04-01";

  private final Arm arm;
  private final ArmErrors errors;

  SelfTest(Arm arm, ArmErrors errors) {
    this.arm = arm;
    this.errors = errors;
  }

  /** Permissions that are missing, each with where. */
  List<String> missing(String groupsOfSubscription) throws CloudException {
    Set<String> resourceGroups = new TreeSet<>();
    for (JsonNode group : arm.list(groupsOfSubscription, errors)) {
      String id = group.path("id").asString("").toLowerCase(Locale.ROOT);
      int end = id.indexOf("/providers/");
      if (end > 0) {
        resourceGroups.add(id.substring(0, end));
      }
    }
    List<String> missing = new ArrayList<>();
    for (String scope : resourceGroups.stream().limit(MOST_GROUPS).toList()) {
      ArmAnswer answer = arm.get(scope + "/providers/Microsoft.Authorization/permissions", VERSION);
      if (!answer.isSuccess()) {
        throw errors.ofRead(answer);
      }
      List<Permissions.Entry> entries = new ArrayList<>();
      answer.body().path("value").forEach(e -> entries.add(entry(e)));
      Permissions.missing(entries).forEach(action -> missing.add(action + " in " + scope));
    }
    return missing;
  }

  private static Permissions.Entry entry(JsonNode node) {
    return new Permissions.Entry(texts(node.path("actions")), texts(node.path("notActions")));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(t -> texts.add(t.asString("")));
    return texts;
  }
}
