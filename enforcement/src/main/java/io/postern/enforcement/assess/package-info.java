/** How machines stand, as events and for people; needs no log. */
@NullMarked
package io.postern.enforcement.assess;

import org.jspecify.annotations.NullMarked;
