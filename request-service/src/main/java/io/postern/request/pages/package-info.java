/** The pages for people. */
@NullMarked
package io.postern.request.pages;

import org.jspecify.annotations.NullMarked;
