/** aws-enforcer: keeps the security groups of EC2 as policies and grants say. */
@NullMarked
package io.postern.aws;

import org.jspecify.annotations.NullMarked;
