/** Who can reach an EC2 instance through its security groups, and Defender's flow chart. Pure. */
@NullMarked
package io.postern.aws.exposure;

import org.jspecify.annotations.NullMarked;
