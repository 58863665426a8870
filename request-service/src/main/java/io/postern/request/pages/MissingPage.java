package io.postern.request.pages;

import io.postern.request.web.Problem;
import io.postern.request.web.ProblemAdvice;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** Says that nothing is at an address: on a page to a browser, as a problem to a program. */
@ControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
public class MissingPage {
  private final ProblemAdvice problems;

  MissingPage(ProblemAdvice problems) {
    this.problems = problems;
  }

  @ExceptionHandler
  Object missing(NoResourceFoundException e, HttpServletRequest request) {
    String accepts = request.getHeader(HttpHeaders.ACCEPT);
    if (accepts != null && accepts.contains(MediaType.TEXT_HTML_VALUE)) {
      return new ModelAndView("error", Map.of("status", 404), HttpStatus.NOT_FOUND);
    }
    return problems.problem(Problem.notFound("resource " + request.getRequestURI()));
  }
}
