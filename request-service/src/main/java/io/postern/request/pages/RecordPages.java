package io.postern.request.pages;

import io.postern.model.MachineId;
import io.postern.request.domain.Page;
import io.postern.request.domain.ReadModel;
import io.postern.request.domain.RecordedEvent;
import io.postern.request.kafka.RequestLog;
import io.postern.request.web.Caller;
import io.postern.request.web.MachineController;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** What happened, of a machine or a person, as far as the reader may see. */
@Controller
public class RecordPages {
  private static final int PAGE = 100;

  private final RequestLog log;
  private final Visitor visitor;
  private final Caller caller;

  RecordPages(RequestLog log, Visitor visitor, Caller caller) {
    this.log = log;
    this.visitor = visitor;
    this.caller = caller;
  }

  @GetMapping("/record")
  String record(
      @RequestParam(defaultValue = "") String machine,
      @RequestParam(defaultValue = "") String person,
      @RequestParam(required = false) @Nullable String cursor,
      Authentication signedIn,
      Model page) {
    Look look = visitor.look(signedIn);
    Optional<MachineId> about =
        Optional.of(machine.strip()).filter(m -> !m.isEmpty()).map(MachineController::parse);
    ReadModel.EventFilter filter =
        new ReadModel.EventFilter(
            Optional.empty(),
            about,
            Optional.of(person.strip()).filter(p -> !p.isEmpty()),
            Optional.empty(),
            Optional.empty());
    Page<RecordedEvent> found =
        log.model()
            .events(
                caller.reader(look.person()),
                filter,
                new ReadModel.Part(Optional.ofNullable(cursor), PAGE));
    page.addAttribute("story", found.items().stream().map(e -> Show.Line.of(e, look)).toList());
    page.addAttribute("next", found.next().orElse(null));
    page.addAttribute("machine", machine);
    page.addAttribute("person", person);
    return "record";
  }
}
