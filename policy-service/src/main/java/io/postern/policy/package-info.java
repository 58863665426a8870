/** policy-service: who may open what, and why. */
@NullMarked
package io.postern.policy;

import org.jspecify.annotations.NullMarked;
