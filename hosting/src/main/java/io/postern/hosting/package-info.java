/**
 * What every service needs to be a process of its own: secrets from files, waiting for broker and
 * registry, health over HTTP. A service in somebody else's process needs none of it.
 */
@NullMarked
package io.postern.hosting;

import org.jspecify.annotations.NullMarked;
