package io.postern.request.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses bodies that are too long, or do not say how long they are, before anything reads them.
 */
@Component
public class BodyLimit extends OncePerRequestFilter {
  /** Far beyond the largest policy or request that makes sense. */
  static final int MAX_BYTES = 256 * 1024;

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    boolean carriesBody =
        HttpMethod.POST.matches(request.getMethod()) || HttpMethod.PUT.matches(request.getMethod());
    if (carriesBody && request.getContentLengthLong() < 0) {
      response.sendError(HttpStatus.LENGTH_REQUIRED.value());
    } else if (request.getContentLengthLong() > MAX_BYTES) {
      response.sendError(HttpStatus.CONTENT_TOO_LARGE.value());
    } else {
      chain.doFilter(request, response);
    }
  }
}
