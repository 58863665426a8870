package io.postern.request.pages;

import io.postern.event.MachineAssessed;
import io.postern.model.MachineId;
import io.postern.model.Requestor;
import io.postern.request.kafka.RequestLog;
import io.postern.request.web.Caller;
import java.time.Clock;
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

  private final RequestLog log;
  private final Clock clock;

  Visitor(Caller caller, RequestLog log, Clock clock) {
    this.caller = caller;
    this.log = log;
    this.clock = clock;
  }

  /** The person looking now. */
  Look look(Authentication signedIn) {
    return new Look(of(signedIn), clock.instant(), this::name);
  }

  private String name(MachineId id) {
    return log.machines()
        .get(id.value())
        .map(MachineAssessed::getName)
        .filter(n -> !n.isBlank())
        .orElseGet(id::localName);
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
