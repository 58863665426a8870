/** The commands of policy-service: arguments in, the log read, text or JSON out. */
@NullMarked
package io.postern.policy.cli;

import org.jspecify.annotations.NullMarked;
