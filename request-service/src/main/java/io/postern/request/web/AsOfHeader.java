package io.postern.request.web;

import io.postern.request.kafka.RequestLog;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Says in each answer of the API up to which moment the log was known when it was made. */
@Component
public class AsOfHeader extends OncePerRequestFilter {
  /** A moment, UTC. */
  static final String NAME = "X-Postern-As-Of";

  private final RequestLog log;

  AsOfHeader(RequestLog log) {
    this.log = log;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !request.getRequestURI().startsWith("/api/");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    response.setHeader(NAME, log.model().asOf().toString());
    chain.doFilter(request, response);
  }
}
