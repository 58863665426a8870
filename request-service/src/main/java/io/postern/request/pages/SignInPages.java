package io.postern.request.pages;

import io.postern.request.web.Caller;
import io.postern.request.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.security.web.savedrequest.RequestCache;
import org.springframework.security.web.savedrequest.SavedRequest;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/**
 * Signing in: at an OpenID Connect issuer where one is configured, or else with a token of the
 * issuer that the API trusts.
 */
@Controller
public class SignInPages {
  private final JwtDecoder decoder;
  private final Caller caller;
  private final SecurityContextRepository contexts;
  private final RequestCache wantedPages;
  private final List<Issuer> issuers;

  SignInPages(
      JwtDecoder decoder,
      Caller caller,
      SecurityContextRepository contexts,
      RequestCache wantedPages,
      ObjectProvider<ClientRegistrationRepository> registrations) {
    this.decoder = decoder;
    this.caller = caller;
    this.contexts = contexts;
    this.wantedPages = wantedPages;
    this.issuers = registrations.stream().flatMap(r -> issuers(r).stream()).toList();
  }

  /** An issuer to sign in at. */
  record Issuer(String link, String name) {}

  private static List<Issuer> issuers(ClientRegistrationRepository registrations) {
    if (!(registrations instanceof Iterable<?> all)) {
      return List.of();
    }
    return StreamSupport.stream(all.spliterator(), false)
        .map(ClientRegistration.class::cast)
        .map(r -> new Issuer("/oauth2/authorization/" + r.getRegistrationId(), r.getClientName()))
        .toList();
  }

  @GetMapping("/sign-in")
  String signIn(Model page) {
    page.addAttribute("issuers", issuers);
    return "sign-in";
  }

  /** Takes a token; the session lasts as long as the token does at most. */
  @PostMapping("/sign-in")
  ModelAndView withToken(
      @RequestParam String token, HttpServletRequest http, HttpServletResponse answer) {
    if (!issuers.isEmpty()) {
      throw Problem.forbidden("sign in at the issuer");
    }
    Jwt jwt;
    try {
      jwt = decoder.decode(token.strip());
      caller.of(jwt);
    } catch (JwtException | Problem e) {
      ModelAndView again = new ModelAndView("sign-in", HttpStatus.UNAUTHORIZED);
      again.addObject("issuers", issuers);
      again.addObject(
          "error", "This token is not valid here: it may have expired, or be of another issuer.");
      return again;
    }
    SavedRequest wanted = wantedPages.getRequest(http, answer);
    http.getSession();
    http.changeSessionId();
    SecurityContext context = SecurityContextHolder.createEmptyContext();
    // The API's kind of authentication is never kept in a session.
    context.setAuthentication(new PreAuthenticatedAuthenticationToken(jwt, "", List.of()));
    SecurityContextHolder.setContext(context);
    contexts.saveContext(context, http, answer);
    return new ModelAndView("redirect:" + path(wanted));
  }

  private static String path(@Nullable SavedRequest wanted) {
    if (wanted == null || !wanted.getMethod().equals("GET")) {
      return "/";
    }
    URI uri = URI.create(wanted.getRedirectUrl());
    // Spring's own mark of a page that was gone back to.
    String query =
        Stream.ofNullable(uri.getRawQuery())
            .flatMap(q -> Arrays.stream(q.split("&")))
            .filter(p -> !p.equals("continue"))
            .collect(Collectors.joining("&"));
    return uri.getRawPath() + (query.isEmpty() ? "" : "?" + query);
  }
}
