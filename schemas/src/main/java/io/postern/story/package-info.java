/** The log in words for people: the same ones wherever it is told. */
@NullMarked
package io.postern.story;

import org.jspecify.annotations.NullMarked;
