package io.postern.policy.kafka;

import io.postern.model.Policy;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whom a policy names that does not say of which issuer.
 *
 * @param issuer whose subjects these are; empty for anybody of that name
 * @param severalIssuers whether producers vouch for identities of more than one issuer
 */
record PlainSubjects(Optional<String> issuer, boolean severalIssuers) {
  private static final Logger LOGGER = LoggerFactory.getLogger(PlainSubjects.class);

  /** The policy as it is decided by. */
  Policy read(Policy policy) {
    if (issuer.isPresent()) {
      return policy.withPlainSubjectsOf(issuer.get());
    }
    if (isAmbiguous(policy)) {
      LOGGER
          .atWarn()
          .addKeyValue("policy", policy.id())
          .log(
              "names subjects without their issuer, and several issuers are trusted: whoever has"
                  + " such a name at any of them is meant; name identities, or set"
                  + " postern.subjects-issuer");
    }
    return policy;
  }

  /** Whether it lets people do something of whom it does not say which they are. */
  boolean isAmbiguous(Policy policy) {
    return severalIssuers
        && issuer.isEmpty()
        && !policy.terms().denies()
        && policy.namesPlainSubjects();
  }
}
