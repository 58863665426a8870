package io.postern.request.config;

import io.postern.request.defender.ArmErrorAdvice;
import io.postern.request.web.AzurePaths;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.server.resource.web.BearerTokenAuthenticationEntryPoint;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.security.web.savedrequest.RequestCache;
import org.springframework.web.filter.OncePerRequestFilter;

/** Who may come in at which door: programs with a token, people with a session. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {
  private static final AuthenticationEntryPoint BEARER = new BearerTokenAuthenticationEntryPoint();

  private static final AuthenticationEntryPoint SIGN_IN =
      new LoginUrlAuthenticationEntryPoint("/sign-in");

  /** Nothing from another host, nothing inline, in nobody's frame. */
  private static final String CONTENT =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

  @Bean
  @Order(1)
  SecurityFilterChain programs(HttpSecurity http) {
    return http.securityMatcher(
            "/api/**", "/subscriptions/**", "/tenants", "/metadata/**", "/actuator/**", "/v3/**")
        .csrf(c -> c.disable())
        .sessionManagement(s -> s.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .authorizeHttpRequests(
            a ->
                a.requestMatchers(
                        "/actuator/health/**",
                        "/actuator/health",
                        "/metadata/endpoints",
                        "/v3/api-docs",
                        "/v3/api-docs.yaml")
                    .permitAll()
                    .anyRequest()
                    .authenticated())
        .oauth2ResourceServer(
            o -> o.jwt(j -> {}).authenticationEntryPoint(SecurityConfiguration::who))
        .build();
  }

  private static void who(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException why)
      throws IOException, ServletException {
    if (AzurePaths.isOne(request.getRequestURI())) {
      ArmErrorAdvice.unauthenticated(request, response, why);
    } else {
      BEARER.commence(request, response, why);
    }
  }

  /** A part of a page that asks for itself has the whole page go to the sign-in. */
  private static void signIn(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException why)
      throws IOException, ServletException {
    if (request.getHeader("HX-Request") == null) {
      SIGN_IN.commence(request, response, why);
    } else {
      response.setHeader("HX-Redirect", "/sign-in");
      response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
    }
  }

  @Bean
  SecurityContextRepository sessions() {
    return new HttpSessionSecurityContextRepository();
  }

  /** Which page somebody wanted who had to sign in first; only whole pages are gone back to. */
  @Bean
  RequestCache wantedPages() {
    HttpSessionRequestCache cache = new HttpSessionRequestCache();
    cache.setRequestMatcher(r -> r.getMethod().equals("GET") && r.getHeader("HX-Request") == null);
    return cache;
  }

  @Bean
  @Order(2)
  SecurityFilterChain people(
      HttpSecurity http,
      SecurityContextRepository sessions,
      RequestCache wantedPages,
      ObjectProvider<ClientRegistrationRepository> issuers,
      Clock clock) {
    http.authorizeHttpRequests(
            a ->
                a.requestMatchers(
                        "/sign-in",
                        "/from/*",
                        "/assets/**",
                        "/webjars/**",
                        "/error",
                        "/favicon.ico")
                    .permitAll()
                    .anyRequest()
                    .authenticated())
        .requestCache(c -> c.requestCache(wantedPages))
        .securityContext(s -> s.securityContextRepository(sessions))
        .exceptionHandling(e -> e.authenticationEntryPoint(SecurityConfiguration::signIn))
        .logout(l -> l.logoutUrl("/sign-out").logoutSuccessUrl("/sign-in"))
        .headers(
            h ->
                h.contentSecurityPolicy(c -> c.policyDirectives(CONTENT))
                    .referrerPolicy(r -> r.policy(ReferrerPolicy.SAME_ORIGIN)))
        .addFilterBefore(new TokenEnd(clock), AuthorizationFilter.class);
    if (issuers.getIfAvailable() != null) {
      http.oauth2Login(o -> o.loginPage("/sign-in"));
    }
    return http.build();
  }

  /** Whoever signed in with a token is signed out when the token's time is up. */
  private static final class TokenEnd extends OncePerRequestFilter {
    private final Clock clock;

    private TokenEnd(Clock clock) {
      this.clock = clock;
    }

    @Override
    protected void doFilterInternal(
        HttpServletRequest request, HttpServletResponse response, FilterChain chain)
        throws ServletException, IOException {
      Authentication who = SecurityContextHolder.getContext().getAuthentication();
      if (who != null
          && who.getPrincipal() instanceof Jwt token
          && token.getExpiresAt() != null
          && token.getExpiresAt().isBefore(clock.instant())) {
        SecurityContextHolder.clearContext();
        request.getSession().invalidate();
      }
      chain.doFilter(request, response);
    }
  }
}
