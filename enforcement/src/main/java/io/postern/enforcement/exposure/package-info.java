/**
 * Who can reach a machine's ports, and what that is worth: sets of addresses, layers of rules, and
 * verdicts. Pure, and independent of the simulators' packet models, which it is tested against.
 */
@NullMarked
package io.postern.enforcement.exposure;

import org.jspecify.annotations.NullMarked;
