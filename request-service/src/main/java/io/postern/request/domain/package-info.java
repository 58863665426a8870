/** What is known of requests and grants: pure. */
@NullMarked
package io.postern.request.domain;

import org.jspecify.annotations.NullMarked;
