package io.postern.request.web;

import io.opentelemetry.api.trace.SpanKind;
import io.postern.log.Headers;
import io.postern.log.Topics;
import io.postern.log.Trace;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Makes each call that may write a step of a trace: the caller's, when it sends a {@code
 * traceparent}, or one of its own. What the call puts on the log follows from it.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
public class TraceFilter extends OncePerRequestFilter {
  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return request.getMethod().equals("GET");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String method = request.getMethod();
    Optional<String> caller =
        Trace.wellFormed(Optional.ofNullable(request.getHeader(Headers.TRACE_PARENT)));
    try (Trace trace = Trace.begin(Topics.REQUEST_SERVICE, method, SpanKind.SERVER, caller);
        Trace.Within within = trace.with("http.request.method", method).enter()) {
      chain.doFilter(request, response);
      if (trace.isRecorded()) {
        answered(trace, request, response.getStatus());
      }
    }
  }

  private static void answered(Trace trace, HttpServletRequest request, int status) {
    if (request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE)
        instanceof Object route) {
      trace.named(request.getMethod() + " " + route).with("http.route", route);
    }
    trace.with("http.response.status_code", status);
    if (status >= 500) {
      trace.failed("answered " + status);
    }
  }
}
