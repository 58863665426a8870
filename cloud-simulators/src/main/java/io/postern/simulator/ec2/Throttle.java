package io.postern.simulator.ec2;

import io.postern.simulator.kernel.TokenBucket;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * EC2's request token buckets: one per account, region and action. Sizes and refills as in "Request
 * throttling for the Amazon EC2 API".
 */
final class Throttle {
  private record Limit(int capacity, int refillPerSecond) {}

  private static final Limit FILTERED_READ = new Limit(100, 20);
  private static final Limit UNFILTERED_READ = new Limit(50, 10);
  private static final Limit WRITE = new Limit(50, 5);
  private static final Limit ATTRIBUTE = new Limit(100, 5);
  private static final Limit TAGS = new Limit(100, 10);

  private final Map<String, TokenBucket> buckets = new ConcurrentHashMap<>();

  void clear() {
    buckets.clear();
  }

  /** Takes a token for the call, if there is one. */
  boolean admits(Principal caller, String region, String action, boolean filtered, Instant now) {
    Limit limit = limitOf(action, filtered);
    String key =
        caller.account()
            + "/"
            + region
            + "/"
            + action
            + (limit.equals(UNFILTERED_READ) ? "/all" : "");
    return buckets
        .computeIfAbsent(key, k -> new TokenBucket(limit.capacity, limit.refillPerSecond, now))
        .tryTake(now);
  }

  /** Takes up to {@code tokens} from the bucket, as other tools of the account do. */
  void drain(String account, String region, String action, int tokens, Instant now) {
    Principal other = Principal.foreign(account);
    for (int i = 0; i < tokens && admits(other, region, action, true, now); i++) {}
  }

  private static Limit limitOf(String action, boolean filtered) {
    if (action.startsWith("Describe") || action.startsWith("Get")) {
      return filtered ? FILTERED_READ : UNFILTERED_READ;
    }
    return switch (action) {
      case "ModifyNetworkInterfaceAttribute" -> ATTRIBUTE;
      case "CreateTags", "DeleteTags" -> TAGS;
      default -> WRITE;
    };
  }
}
