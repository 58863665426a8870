/**
 * A simulated EC2, with the parts of STS and IAM that a just-in-time enforcer needs, and a packet
 * model behind it.
 */
@NullMarked
package io.postern.simulator.ec2;

import org.jspecify.annotations.NullMarked;
