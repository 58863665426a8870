/** What the EC2 simulator promises. */
@NullMarked
package io.postern.simulator.ec2;

import org.jspecify.annotations.NullMarked;
