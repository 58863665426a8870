package io.postern.request.pages;

import io.postern.model.Requestor;
import io.postern.request.domain.ReadModel;
import io.postern.request.domain.RequestView;
import io.postern.request.kafka.RequestLog;
import io.postern.request.web.Caller;
import io.postern.request.web.Wishes;
import java.util.List;
import java.util.Optional;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** What waits for the reader's word: requests to approve, and uses of break-glass to look into. */
@Controller
public class ApprovalPages {
  private static final int MOST = 100;

  private final RequestLog log;
  private final Visitor visitor;
  private final Caller caller;
  private final Wishes wishes;

  ApprovalPages(RequestLog log, Visitor visitor, Caller caller, Wishes wishes) {
    this.log = log;
    this.visitor = visitor;
    this.caller = caller;
    this.wishes = wishes;
  }

  /** Requests that the reader may approve or refuse now. */
  static List<RequestView> waitingFor(ReadModel model, ReadModel.Reader reader, int most) {
    return model.requests(reader, EveryPage.pending(), ReadModel.Part.first(MOST)).items().stream()
        .filter(r -> r.waiting().stream().anyMatch(a -> a.names(reader.person())))
        .limit(most)
        .toList();
  }

  /** A use of break-glass that nobody has looked into. */
  record Emergency(Show.Grant grant, String policy, String justification, Moment used) {}

  @GetMapping("/approvals")
  String approvals(Authentication signedIn, Model page) {
    Look look = visitor.look(signedIn);
    Requestor person = look.person();
    page.addAttribute(
        "requests",
        waitingFor(log.model(), caller.reader(person), MOST).stream()
            .map(r -> Show.Request.of(r, look))
            .toList());
    page.addAttribute(
        "emergencies",
        log
            .model()
            .breakGlassUses(
                wishes.reviewable(person), Optional.of(false), ReadModel.Part.first(MOST))
            .items()
            .stream()
            .filter(u -> !u.grant().requestor().equals(person.subject()))
            .map(
                u ->
                    new Emergency(
                        Show.Grant.of(u.grant(), look),
                        u.how().policy(),
                        u.how().justification(),
                        look.moment(u.how().usedAt())))
            .toList());
    return "approvals";
  }

  @PostMapping("/requests/{id}/answer")
  String answer(
      @PathVariable String id,
      @RequestParam String decision,
      @RequestParam String digest,
      @RequestParam(defaultValue = "") String reason,
      Authentication signedIn) {
    Requestor person = visitor.of(signedIn);
    wishes.answer(
        wishes.request(id, person),
        person,
        decision.equals("approve"),
        Optional.of(reason.strip()).filter(r -> !r.isEmpty()),
        Optional.of(digest));
    return "redirect:/requests/" + id;
  }

  @PostMapping("/grants/{id}/review")
  String review(
      @PathVariable String id,
      @RequestParam(defaultValue = "") String comment,
      Authentication signedIn) {
    wishes.review(id, visitor.of(signedIn), Optional.of(comment.strip()).filter(c -> !c.isEmpty()));
    return "redirect:/approvals";
  }
}
