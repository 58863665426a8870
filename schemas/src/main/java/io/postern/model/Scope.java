package io.postern.model;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The cloud's throttling domain: {@code azure:{subscriptionId}} or {@code
 * aws:{accountId}:{region}}.
 */
public record Scope(String value) implements Comparable<Scope> {
  private static final Pattern AZURE =
      Pattern.compile("azure:([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})");
  private static final Pattern AWS = Pattern.compile("aws:([0-9]{12}):([a-z]{2}(-[a-z]+)+-[0-9]+)");

  public Scope {
    if (!AZURE.matcher(value).matches() && !AWS.matcher(value).matches()) {
      throw new InvalidValueException(
          "must be azure:{subscription id} or aws:{account id}:{region}", value);
    }
  }

  public static Scope azure(String subscription) {
    return new Scope("azure:" + subscription.toLowerCase(java.util.Locale.ROOT));
  }

  public static Scope aws(String account, String region) {
    return new Scope("aws:" + account + ":" + region);
  }

  public Cloud cloud() {
    return value.startsWith("azure:") ? Cloud.AZURE : Cloud.AWS;
  }

  /** Azure's subscription id or AWS's account id. */
  public String account() {
    return value.split(":", -1)[1];
  }

  /**
   * The AWS region.
   *
   * @throws IllegalStateException for a scope of Azure
   */
  public String region() {
    Matcher aws = AWS.matcher(value);
    if (!aws.matches()) {
      throw new IllegalStateException(value + " has no region");
    }
    return aws.group(2);
  }

  @Override
  public int compareTo(Scope other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
