package io.postern.policy.kafka;

import io.postern.model.GrantId;
import io.postern.model.PolicyId;
import io.postern.policy.domain.Owner;
import io.postern.policy.domain.UsageIndex;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** Requests of the last hour under policies that count them; outlives a restart. */
final class UsageStore {
  private final UsageIndex index = new UsageIndex();
  private final KeyValueStore<String, byte[]> asked;

  UsageStore(KeyValueStore<String, byte[]> asked) {
    this.asked = asked;
    try (KeyValueIterator<String, byte[]> it = asked.all()) {
      it.forEachRemaining(e -> restore(GrantId.parse(e.key), e.value));
    }
  }

  UsageIndex index() {
    return index;
  }

  void asked(GrantId id, PolicyId policy, Owner owner, Instant at) {
    Instant whole = at.truncatedTo(ChronoUnit.MILLIS);
    if (index.asked(id, policy, owner, whole)) {
      String text =
          String.join(
              "\n",
              Long.toString(whole.toEpochMilli()),
              policy.value(),
              Integer.toString(owner.issuer().length()),
              owner.issuer() + owner.subject());
      asked.put(id.toString(), text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private void restore(GrantId id, byte[] value) {
    String[] parts = new String(value, StandardCharsets.UTF_8).split("\n", 4);
    int issuer = Integer.parseInt(parts[2]);
    index.asked(
        id,
        new PolicyId(parts[1]),
        new Owner(parts[3].substring(issuer), parts[3].substring(0, issuer)),
        Instant.ofEpochMilli(Long.parseLong(parts[0])));
  }

  void forgetUntil(Instant until) {
    index.forgetUntil(until).forEach(id -> asked.delete(id.toString()));
  }
}
