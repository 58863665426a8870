package io.postern.request.pages;

import io.postern.model.Requestor;
import io.postern.request.domain.ConnectLines;
import io.postern.request.domain.GrantView;
import io.postern.request.domain.Page;
import io.postern.request.domain.ReadModel;
import io.postern.request.domain.RecordedEvent;
import io.postern.request.domain.RequestState;
import io.postern.request.domain.RequestView;
import io.postern.request.kafka.RequestLog;
import io.postern.request.web.Caller;
import io.postern.request.web.Parameters;
import io.postern.request.web.Problem;
import io.postern.request.web.Wishes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** One request from asking to closing, and all of them. */
@Controller
public class RequestPages {
  private static final int PAGE = 50;
  private static final int STORY = 200;

  private final RequestLog log;
  private final Visitor visitor;
  private final Caller caller;
  private final Wishes wishes;

  RequestPages(RequestLog log, Visitor visitor, Caller caller, Wishes wishes) {
    this.log = log;
    this.visitor = visitor;
    this.caller = caller;
    this.wishes = wishes;
  }

  @GetMapping("/requests/{id}")
  String request(@PathVariable String id, Authentication signedIn, Model page) {
    fill(id, signedIn, page);
    return "request";
  }

  /** The part of the page that changes, for its script. */
  @GetMapping("/requests/{id}/now")
  String now(@PathVariable String id, Authentication signedIn, Model page) {
    fill(id, signedIn, page);
    return "request :: now";
  }

  private void fill(String id, Authentication signedIn, Model page) {
    Look look = visitor.look(signedIn);
    Requestor person = look.person();
    RequestView request = wishes.request(id, person);
    page.addAttribute("request", Show.Request.of(request, look));
    ReadModel.EventFilter filter =
        new ReadModel.EventFilter(
            Optional.of(request.id()),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    List<RecordedEvent> story =
        new ArrayList<>(
            log.model().events(caller.reader(person), filter, ReadModel.Part.first(STORY)).items());
    page.addAttribute("story", story.reversed().stream().map(e -> Show.Line.of(e, look)).toList());
  }

  @PostMapping("/requests/{id}/withdraw")
  String withdraw(@PathVariable String id, Authentication signedIn) {
    Requestor person = visitor.of(signedIn);
    wishes.withdraw(wishes.request(id, person), person);
    return "redirect:/requests/" + id;
  }

  /** A file that a remote desktop client opens. */
  @GetMapping("/grants/{id}/remote-desktop")
  ResponseEntity<byte[]> remoteDesktop(@PathVariable String id, Authentication signedIn) {
    GrantView grant = wishes.grant(id, visitor.of(signedIn));
    String address =
        ConnectLines.of(grant).stream()
            .flatMap(l -> l.remoteDesktop().stream())
            .findFirst()
            .orElseThrow(() -> Problem.notFound("remote desktop in this grant"));
    String file = "full address:s:%s\r\nprompt for credentials:i:1\r\n".formatted(address);
    return ResponseEntity.ok()
        .contentType(MediaType.parseMediaType("application/x-rdp"))
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            ContentDisposition.attachment()
                .filename(grant.machine().localName() + ".rdp")
                .build()
                .toString())
        .body(file.getBytes(StandardCharsets.UTF_8));
  }

  @GetMapping("/requests")
  String requests(
      @RequestParam(defaultValue = "") String state,
      @RequestParam(defaultValue = "") String requestor,
      @RequestParam(required = false) @Nullable String cursor,
      Authentication signedIn,
      Model page) {
    Look look = visitor.look(signedIn);
    Requestor person = look.person();
    ReadModel.RequestFilter filter =
        new ReadModel.RequestFilter(
            Optional.of(requestor.strip()).filter(r -> !r.isEmpty()),
            Optional.empty(),
            state.isEmpty()
                ? Optional.empty()
                : Optional.of(Parameters.oneOf("state", state, RequestState.class)),
            Set.of());
    Page<RequestView> found =
        log.model()
            .requests(
                caller.reader(person),
                filter,
                new ReadModel.Part(Optional.ofNullable(cursor), PAGE));
    page.addAttribute(
        "requests", found.items().stream().map(r -> Show.Request.of(r, look)).toList());
    page.addAttribute("next", found.next().orElse(null));
    page.addAttribute("state", state);
    page.addAttribute("states", RequestState.values());
    page.addAttribute("requestor", requestor);
    return "requests";
  }
}
