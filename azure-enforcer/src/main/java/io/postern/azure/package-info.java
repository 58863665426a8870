/** azure-enforcer: keeps network security groups as policies and grants say. */
@NullMarked
package io.postern.azure;

import org.jspecify.annotations.NullMarked;
