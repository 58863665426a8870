/**
 * The door that looks like Microsoft Defender for Cloud's just-in-time access: what drives its API
 * drives Postern.
 */
@NullMarked
package io.postern.request.defender;

import org.jspecify.annotations.NullMarked;
