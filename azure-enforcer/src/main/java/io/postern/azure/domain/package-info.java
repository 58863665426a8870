/** What a network security group must contain, and what it does; pure. */
@NullMarked
package io.postern.azure.domain;

import org.jspecify.annotations.NullMarked;
