package io.postern.request.pages;

import io.postern.model.Requestor;
import io.postern.request.domain.GrantState;
import io.postern.request.domain.GrantView;
import io.postern.request.domain.Page;
import io.postern.request.domain.ReadModel;
import io.postern.request.domain.RequestState;
import io.postern.request.domain.RequestView;
import io.postern.request.domain.Timeline;
import io.postern.request.kafka.RequestLog;
import io.postern.request.web.Caller;
import io.postern.request.web.Wishes;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** What is open now, across clouds, and ending or extending it. */
@Controller
public class OpenPages {
  static final Set<GrantState> SHOWN =
      EnumSet.of(GrantState.SCHEDULED, GrantState.OPENING, GrantState.OPEN, GrantState.CLOSING);
  private static final int MOST = 100;
  private static final int LONGEST_EXTENSION = 24 * 60;

  private final RequestLog log;
  private final Visitor visitor;
  private final Caller caller;
  private final Wishes wishes;

  OpenPages(RequestLog log, Visitor visitor, Caller caller, Wishes wishes) {
    this.log = log;
    this.visitor = visitor;
    this.caller = caller;
    this.wishes = wishes;
  }

  @GetMapping("/")
  String open(Authentication signedIn, Model page) {
    fill(signedIn, page);
    return "open";
  }

  /** The part of the page that changes, for its script. */
  @GetMapping("/open/now")
  String now(Authentication signedIn, Model page) {
    fill(signedIn, page);
    return "open :: now";
  }

  private void fill(Authentication signedIn, Model page) {
    Look look = visitor.look(signedIn);
    Requestor person = look.person();
    ReadModel.Reader reader = caller.reader(person);
    Page<GrantView> grants =
        log.model()
            .grants(
                reader,
                ReadModel.GrantFilter.ALL.in(SHOWN),
                look.now(),
                ReadModel.Part.first(MOST));
    page.addAttribute("grants", grants.items().stream().map(g -> Show.Grant.of(g, look)).toList());
    page.addAttribute("more", grants.next().isPresent());
    page.addAttribute("bars", Show.Bars.of(Timeline.of(grants.items(), look.now()), look));
    page.addAttribute(
        "pending",
        Stream.of(RequestState.SUBMITTED, RequestState.PENDING_APPROVAL)
            .flatMap(s -> mine(reader, s).stream())
            .filter(r -> r.owner().is(person))
            .map(r -> Show.Request.of(r, look))
            .toList());
  }

  private List<RequestView> mine(ReadModel.Reader reader, RequestState state) {
    ReadModel.RequestFilter filter =
        new ReadModel.RequestFilter(
            Optional.of(reader.person().subject()), Optional.empty(), Optional.of(state), Set.of());
    return log.model().requests(reader, filter, ReadModel.Part.first(MOST)).items();
  }

  @PostMapping("/grants/{id}/close")
  String close(@PathVariable String id, Authentication signedIn) {
    Requestor person = visitor.of(signedIn);
    GrantView grant = wishes.grant(id, person);
    wishes.close(grant, person);
    return "redirect:/requests/" + grant.request();
  }

  @PostMapping("/grants/{id}/extend")
  String extend(
      @PathVariable String id,
      @RequestParam String minutes,
      @RequestParam(defaultValue = "") String justification,
      Authentication signedIn) {
    Requestor person = visitor.of(signedIn);
    GrantView grant = wishes.grant(id, person);
    wishes.extend(
        grant,
        person,
        Duration.ofMinutes(Fields.number("minutes", minutes, 1, LONGEST_EXTENSION)),
        Optional.of(justification.strip()).filter(j -> !j.isEmpty()));
    return "redirect:/requests/" + grant.request();
  }
}
