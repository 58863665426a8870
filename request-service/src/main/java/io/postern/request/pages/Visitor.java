package io.postern.request.pages;

import io.postern.model.Requestor;
import io.postern.request.web.Caller;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.ClaimAccessor;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.stereotype.Component;

/** Who looks at a page: signed in at the issuer, or with a token of it. */
@Component
public class Visitor {
  private final Caller caller;

  Visitor(Caller caller) {
    this.caller = caller;
  }

  /** The person whom the sign-in names. */
  Requestor of(Authentication signedIn) {
    return caller.of(claims(signedIn.getPrincipal()));
  }

  private static ClaimAccessor claims(@Nullable Object principal) {
    return switch (principal) {
      case null -> throw new IllegalStateException("nobody is signed in");
      case Jwt token -> token;
      case OidcUser user -> user.getIdToken();
      default -> throw new IllegalStateException("nobody can sign in as " + principal.getClass());
    };
  }
}
