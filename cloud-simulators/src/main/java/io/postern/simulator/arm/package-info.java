/**
 * Azure Resource Manager on localhost: resources as raw documents, ETags, long-running operations,
 * throttling, authorization, and a model of what packets reach a machine.
 */
@NullMarked
package io.postern.simulator.arm;

import org.jspecify.annotations.NullMarked;
