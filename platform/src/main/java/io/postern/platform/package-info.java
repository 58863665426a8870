/**
 * The broker in process, the registry as a child process, and keys, for quickstart, tests and
 * benchmarks.
 */
@NullMarked
package io.postern.platform;

import org.jspecify.annotations.NullMarked;
