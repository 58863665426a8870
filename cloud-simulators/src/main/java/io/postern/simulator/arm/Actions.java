package io.postern.simulator.arm;

/** The names by which faults, plans and the journal know calls. */
final class Actions {
  private Actions() {}

  /**
   * The method and the resource type, for example {@code PUT networkSecurityGroups/securityRules}.
   */
  static String of(String method, String path) {
    ResourceId id = ResourceId.parse(path);
    return method + " " + (id == null ? path : id.shortType());
  }
}
