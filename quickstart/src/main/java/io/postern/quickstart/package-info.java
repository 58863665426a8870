/** The whole system in one JVM, and the demonstration of what it is for. */
@NullMarked
package io.postern.quickstart;

import org.jspecify.annotations.NullMarked;
