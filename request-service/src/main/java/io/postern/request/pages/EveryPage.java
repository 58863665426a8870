package io.postern.request.pages;

import io.postern.model.Requestor;
import io.postern.request.domain.ReadModel;
import io.postern.request.domain.RequestState;
import io.postern.request.kafka.RequestLog;
import io.postern.request.web.Caller;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;

/** What the frame around every page shows. */
@ControllerAdvice(basePackageClasses = EveryPage.class)
public class EveryPage {
  /** More are told as this many and a plus. */
  private static final int MOST_TOLD = 20;

  private final RequestLog log;
  private final Visitor visitor;
  private final Caller caller;

  EveryPage(RequestLog log, Visitor visitor, Caller caller) {
    this.log = log;
    this.visitor = visitor;
    this.caller = caller;
  }

  /**
   * The frame.
   *
   * @param approvals how many requests wait for the reader; empty for none
   * @param known up to when the log is known
   */
  record Frame(String subject, boolean admin, String approvals, Moment known, String here) {}

  @ModelAttribute("frame")
  @Nullable Frame frame(@Nullable Authentication signedIn, HttpServletRequest http) {
    if (signedIn == null || !signedIn.isAuthenticated()) {
      return null;
    }
    Requestor person = visitor.of(signedIn);
    return new Frame(
        person.subject(),
        caller.isAdmin(person),
        told(ApprovalPages.waitingFor(log.model(), caller.reader(person), MOST_TOLD).size()),
        visitor.look(signedIn).moment(log.model().asOf()),
        http.getRequestURI());
  }

  private static String told(int waiting) {
    if (waiting == 0) {
      return "";
    }
    return waiting < MOST_TOLD ? Integer.toString(waiting) : MOST_TOLD + "+";
  }

  /** Where pages look for requests that wait. */
  static ReadModel.RequestFilter pending() {
    return ReadModel.RequestFilter.ALL.inState(RequestState.PENDING_APPROVAL);
  }
}
