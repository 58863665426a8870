/** What an operator does once: keys and certificates, then topics, access control and schemas. */
@NullMarked
package io.postern.platform.setup;

import org.jspecify.annotations.NullMarked;
