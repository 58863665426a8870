/**
 * Conditions of policies in CEL. Needs {@code dev.cel:cel}, which is an optional dependency: who
 * only speaks to the log does not.
 */
package io.postern.condition;
