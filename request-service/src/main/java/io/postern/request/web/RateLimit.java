package io.postern.request.web;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.postern.request.config.RequestServiceProperties;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.core.ClaimAccessor;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * How often a program may call, by whom its token names: one that has gone wild does not keep
 * others waiting. Calls without a valid token are refused before this.
 */
@Component
public class RateLimit extends OncePerRequestFilter {
  private static final int MOST_CALLERS = 100_000;
  private static final Duration FORGET = Duration.ofMinutes(10);

  private final LoadingCache<String, Bucket> buckets;

  RateLimit(RequestServiceProperties properties) {
    RequestServiceProperties.Rate rate = properties.rate();
    this.buckets =
        Caffeine.newBuilder()
            .maximumSize(MOST_CALLERS)
            .expireAfterAccess(FORGET)
            .build(
                caller ->
                    Bucket.builder()
                        .addLimit(
                            l ->
                                l.capacity(rate.burst())
                                    .refillGreedy(rate.perSecond(), Duration.ofSeconds(1)))
                        .build());
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    String path = request.getRequestURI();
    return !path.startsWith("/api/") && !AzurePaths.isOne(path);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    ConsumptionProbe probe = buckets.get(caller()).tryConsumeAndReturnRemaining(1);
    if (probe.isConsumed()) {
      chain.doFilter(request, response);
      return;
    }
    long nanos = probe.getNanosToWaitForRefill();
    response.setStatus(HttpStatus.TOO_MANY_REQUESTS.value());
    response.setHeader(
        HttpHeaders.RETRY_AFTER, Long.toString(1 + TimeUnit.NANOSECONDS.toSeconds(nanos)));
    boolean isAzure = AzurePaths.isOne(request.getRequestURI());
    response.setContentType(
        isAzure ? MediaType.APPLICATION_JSON_VALUE : MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    response
        .getWriter()
        .write(
            isAzure
                ? "{\"error\":{\"code\":\"TooManyRequests\",\"message\":\"called too often\"}}"
                : "{\"title\":\"Too Many Requests\",\"status\":429,\"detail\":\"called too often\","
                    + "\"code\":\"TOO_MANY_REQUESTS\"}");
  }

  private static String caller() {
    Authentication who = SecurityContextHolder.getContext().getAuthentication();
    return who != null && who.getPrincipal() instanceof ClaimAccessor token
        ? token.getClaimAsString(JwtClaimNames.ISS)
            + " "
            + token.getClaimAsString(JwtClaimNames.SUB)
        : "";
  }
}
