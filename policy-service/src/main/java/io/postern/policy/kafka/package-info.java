/** The log's side: vetting, the decision's state machine, policy changes. */
@NullMarked
package io.postern.policy.kafka;

import org.jspecify.annotations.NullMarked;
