/** The command line of people and scripts: arguments in, REST out, text or JSON back. */
@NullMarked
package io.postern.cli;

import org.jspecify.annotations.NullMarked;
