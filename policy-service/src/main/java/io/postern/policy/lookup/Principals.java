package io.postern.policy.lookup;

import io.postern.model.MachineId;
import io.postern.model.Requestor;
import java.util.Map;
import java.util.Optional;

/**
 * Who a requestor is to a cloud. Only identities of one issuer are mapped: the same subject of
 * another issuer is somebody else.
 *
 * @param issuer whose subjects are meant
 * @param named identities by subject
 * @param pattern identity of everybody else, with <code>{subject}</code> and <code>{account}</code>
 *     ; empty for nobody
 */
public record Principals(String issuer, Map<String, String> named, Optional<String> pattern) {
  public Principals {
    named = Map.copyOf(named);
  }

  Optional<String> of(Requestor person, MachineId machine) {
    if (!person.issuer().equals(issuer)) {
      return Optional.empty();
    }
    return Optional.ofNullable(named.get(person.subject()))
        .or(
            () ->
                pattern.map(
                    p ->
                        p.replace("{account}", machine.scope().account())
                            .replace("{subject}", person.subject())));
  }
}
