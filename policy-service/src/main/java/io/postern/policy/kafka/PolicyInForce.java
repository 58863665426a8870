package io.postern.policy.kafka;

import io.postern.event.JitPolicy;
import io.postern.log.Convert;
import io.postern.model.Policy;

/** A policy as the log has it, and as decisions use it. */
record PolicyInForce(JitPolicy event, Policy policy) {
  static PolicyInForce of(JitPolicy event, PlainSubjects plain) {
    return new PolicyInForce(event, plain.read(Convert.toModel(event)));
  }
}
