package io.postern.request.defender;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An address below {@code Microsoft.Security/jitNetworkAccessPolicies}, read as Azure Resource
 * Manager reads one: without regard to case.
 *
 * @param subscription a UUID, in lower case
 * @param resourceGroup as it was written
 * @param location in lower case
 * @param name of one policy, as it was written
 * @param action {@code initiate}, in lower case; only with a name
 */
record ArmPath(
    String subscription,
    Optional<String> resourceGroup,
    Optional<String> location,
    Optional<String> name,
    Optional<String> action) {
  private static final Pattern PATH =
      Pattern.compile(
          "/subscriptions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
              + "(?:/resourceGroups/([-\\w._()]{1,90}))?"
              + "/providers/Microsoft\\.Security"
              + "(?:/locations/([a-z0-9]{1,20}))?"
              + "/jitNetworkAccessPolicies"
              + "(?:/([^/]+)(?:/(\\w+))?)?/?",
          Pattern.CASE_INSENSITIVE);

  /** Reads a path without its query; empty when it leads nowhere here. */
  static Optional<ArmPath> parse(String path) {
    Matcher m = PATH.matcher(path);
    if (!m.matches()) {
      return Optional.empty();
    }
    boolean whole = m.group(2) != null && m.group(3) != null;
    if (m.group(4) != null && !whole) {
      return Optional.empty();
    }
    return Optional.of(
        new ArmPath(
            lower(m.group(1)).orElseThrow(),
            Optional.ofNullable(m.group(2)),
            lower(m.group(3)),
            Optional.ofNullable(m.group(4)),
            lower(m.group(5))));
  }

  private static Optional<String> lower(@Nullable String text) {
    return Optional.ofNullable(text).map(t -> t.toLowerCase(Locale.ROOT));
  }

  /**
   * The one policy that it names.
   *
   * @throws IllegalStateException when it names a list
   */
  JitResource resource() {
    return new JitResource(
        subscription,
        resourceGroup.orElseThrow(IllegalStateException::new),
        location.orElseThrow(IllegalStateException::new),
        name.orElseThrow(IllegalStateException::new));
  }

  /** Whether a policy lies below it. */
  boolean holds(JitResource resource) {
    return resource.subscription().equals(subscription)
        && resourceGroup.map(g -> g.equalsIgnoreCase(resource.resourceGroup())).orElse(true)
        && location.map(l -> l.equals(resource.location())).orElse(true)
        && name.map(n -> n.equalsIgnoreCase(resource.name())).orElse(true);
  }
}
