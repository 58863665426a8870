package io.postern.request.pages;

import io.postern.request.domain.InvalidCursorException;
import io.postern.request.domain.ReadModelException;
import io.postern.request.kafka.UnavailableException;
import io.postern.request.web.Problem;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.servlet.ModelAndView;

/** What goes wrong on a page is told on a page. */
@ControllerAdvice(basePackageClasses = PageErrors.class)
@Order(Ordered.HIGHEST_PRECEDENCE)
public class PageErrors {
  private static final Logger LOGGER = LoggerFactory.getLogger(PageErrors.class);

  @ExceptionHandler
  ModelAndView problem(Problem e) {
    return page(
        e.status(),
        String.valueOf(e.getMessage()),
        e.errors().stream()
            .map(f -> f.field() + " " + f.rule() + (f.given().isEmpty() ? "" : ": " + f.given()))
            .toList());
  }

  @ExceptionHandler
  ModelAndView cursor(InvalidCursorException e) {
    return page(HttpStatus.BAD_REQUEST, "There is no such page of the list.", List.of());
  }

  @ExceptionHandler
  ModelAndView unavailable(UnavailableException e) {
    LOGGER.atError().setCause(e).log("the log does not take events");
    return page(
        HttpStatus.SERVICE_UNAVAILABLE,
        "The log did not take this in time. Nothing was done; try again.",
        List.of());
  }

  @ExceptionHandler
  ModelAndView unreadable(ReadModelException e) {
    LOGGER.atError().setCause(e).log("the read model does not answer");
    return page(
        HttpStatus.SERVICE_UNAVAILABLE,
        "What is known cannot be read at the moment. Grants end on time all the same.",
        List.of());
  }

  @ExceptionHandler
  ModelAndView anything(Exception e) {
    if (e instanceof ErrorResponse known && known.getStatusCode().is4xxClientError()) {
      return page(known.getStatusCode(), String.valueOf(known.getBody().getDetail()), List.of());
    }
    LOGGER.atError().setCause(e).log("a page failed");
    return page(HttpStatus.INTERNAL_SERVER_ERROR, "Something went wrong here.", List.of());
  }

  private static ModelAndView page(HttpStatusCode status, String message, List<String> details) {
    ModelAndView page = new ModelAndView("problem", status);
    page.addObject("message", message);
    page.addObject("details", details);
    return page;
  }
}
