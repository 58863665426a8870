package io.postern.request.pages;

import io.postern.event.MachineAssessed;
import io.postern.log.Convert;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.request.domain.Offers;
import io.postern.request.kafka.RequestLog;
import io.postern.request.web.Caller;
import io.postern.request.web.MachineController;
import io.postern.request.web.Problem;
import io.postern.request.web.Submissions;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** Asking: which machine, then which ports, from where, for how long and why. */
@Controller
public class AskPages {
  private static final int MOST_MACHINES = 50;

  private final RequestLog log;
  private final Visitor visitor;
  private final Caller caller;
  private final Submissions submissions;
  private final Clock clock;

  AskPages(RequestLog log, Visitor visitor, Caller caller, Submissions submissions, Clock clock) {
    this.log = log;
    this.visitor = visitor;
    this.caller = caller;
    this.submissions = submissions;
    this.clock = clock;
  }

  /** A machine that the reader may ask for. */
  record Choice(Show.Machine machine, List<String> addresses, List<String> ports, boolean now) {}

  /**
   * A port that may be asked for.
   *
   * @param minutes the longest
   * @param approval who has to approve; empty when nobody
   */
  record Port(
      String value,
      String policy,
      int minutes,
      List<String> sources,
      String approval,
      boolean now,
      boolean conditional,
      boolean checked) {}

  /**
   * The form as it was sent.
   *
   * @param later in how many minutes the grant begins; nothing for at once
   */
  public record Form(
      @Nullable String machine,
      @Nullable List<String> port,
      @Nullable String sources,
      @Nullable String minutes,
      @Nullable String later,
      @Nullable String justification,
      @Nullable String breakGlass) {}

  @GetMapping("/ask")
  ModelAndView ask(
      @RequestParam(defaultValue = "") String machine,
      @RequestParam(defaultValue = "") String q,
      @RequestParam(defaultValue = "") String sources,
      Authentication signedIn,
      HttpServletRequest http) {
    Requestor person = visitor.of(signedIn);
    if (machine.isEmpty()) {
      return choices(person, q);
    }
    String from = sources.isBlank() ? caller.address(http) : sources;
    Form empty = new Form(machine, null, from, null, null, null, null);
    return form(person, empty, Map.of(), http);
  }

  private List<Offers.Offer> offers(Requestor person, Stream<MachineAssessed> machines) {
    List<Policy> policies = log.policies().all().stream().map(Convert::toModel).toList();
    return Offers.of(person, policies, machines.map(Convert::toModel).toList(), clock.instant());
  }

  private ModelAndView choices(Requestor person, String q) {
    String wanted = q.strip().toLowerCase(Locale.ROOT);
    Map<MachineFacts, List<Offers.Offer>> byMachine = new LinkedHashMap<>();
    // Before anything is made of it: somebody types, and there may be ten thousand.
    offers(person, log.machines().all().stream().filter(m -> matches(m, wanted)))
        .forEach(o -> byMachine.computeIfAbsent(o.machine(), m -> new ArrayList<>()).add(o));
    List<Choice> choices =
        byMachine.entrySet().stream()
            .map(e -> choice(e.getKey(), e.getValue()))
            .sorted(Comparator.comparing(c -> c.machine().name()))
            .toList();
    ModelAndView page = new ModelAndView("ask");
    page.addObject("choices", choices.stream().limit(MOST_MACHINES).toList());
    page.addObject("count", choices.size());
    page.addObject("q", q);
    return page;
  }

  private static boolean matches(MachineAssessed machine, String wanted) {
    return wanted.isEmpty()
        || machine.getName().toLowerCase(Locale.ROOT).contains(wanted)
        || machine.getMachineId().toLowerCase(Locale.ROOT).contains(wanted)
        || machine.getPublicAddresses().stream().anyMatch(a -> a.contains(wanted))
        || machine.getPrivateAddresses().stream().anyMatch(a -> a.contains(wanted))
        || machine.getTags().entrySet().stream()
            .anyMatch(
                t -> (t.getKey() + "=" + t.getValue()).toLowerCase(Locale.ROOT).contains(wanted));
  }

  private static Choice choice(MachineFacts machine, List<Offers.Offer> offers) {
    List<String> addresses = new ArrayList<>(machine.publicAddresses());
    addresses.addAll(machine.privateAddresses());
    return new Choice(
        new Show.Machine(machine.id().value(), machine.name(), Show.cloudOf(machine.id())),
        addresses,
        offers.stream().map(o -> o.rule().ports().toString()).distinct().toList(),
        offers.stream().anyMatch(Offers.Offer::isOpenHours));
  }

  private ModelAndView form(
      Requestor person, Form form, Map<String, List<String>> errors, HttpServletRequest http) {
    MachineId id = machine(form);
    List<Offers.Offer> offers = offers(person, log.machines().get(id.value()).stream());
    List<String> chosen = form.port() == null ? List.of() : form.port();
    ModelAndView page = new ModelAndView("ask-machine");
    page.addObject("machine", named(id, offers));
    page.addObject("ports", offers.stream().map(o -> port(o, chosen, offers.size() == 1)).toList());
    page.addObject(
        "longest",
        offers.stream()
            .mapToLong(o -> o.rule().maxDuration().toMinutes())
            .max()
            .orElse(Duration.ofHours(3).toMinutes()));
    page.addObject(
        "justificationRequired", offers.stream().anyMatch(o -> o.policy().justificationRequired()));
    page.addObject("emergency", mayBreakGlass(person, id));
    page.addObject("address", caller.address(http));
    page.addObject("form", form);
    page.addObject("errors", errors);
    if (!errors.isEmpty()) {
      page.setStatus(HttpStatus.BAD_REQUEST);
    }
    return page;
  }

  private static Show.Machine named(MachineId id, List<Offers.Offer> offers) {
    return offers.stream()
        .findFirst()
        .map(o -> new Show.Machine(id.value(), o.machine().name(), Show.cloudOf(id)))
        .orElseGet(() -> new Show.Machine(id.value(), id.localName(), Show.cloudOf(id)));
  }

  private static MachineId machine(Form form) {
    return MachineController.parse(form.machine() == null ? "" : form.machine());
  }

  private static Port port(Offers.Offer o, List<String> chosen, boolean isOnly) {
    String value = o.rule().ports().toString();
    return new Port(
        value,
        o.policy().id().value(),
        (int) o.rule().maxDuration().toMinutes(),
        Show.sources(o.rule().sources()),
        o.policy()
            .terms()
            .approval()
            .map(a -> String.join(", then ", a.levels().stream().map(Show::people).toList()))
            .orElse(""),
        o.isOpenHours(),
        o.isConditional(),
        isOnly || chosen.contains(value));
  }

  private boolean mayBreakGlass(Requestor person, MachineId id) {
    MachineFacts machine =
        log.machines()
            .get(id.value())
            .map(Convert::toModel)
            .orElseGet(() -> MachineFacts.unseen(id));
    return log.policies().all().stream()
        .map(Convert::toModel)
        .filter(p -> p.selects(machine))
        .anyMatch(p -> p.terms().breakGlass().filter(b -> b.names(person)).isPresent());
  }

  /** What would happen, in a sentence, while the form is being filled in. */
  @PostMapping("/ask/preview")
  ModelAndView preview(@ModelAttribute Form form, Authentication signedIn) {
    Requestor person = visitor.of(signedIn);
    MachineId id = machine(form);
    List<String> chosen = form.port() == null ? List.of() : form.port();
    List<Offers.Offer> offers = offers(person, log.machines().get(id.value()).stream());
    List<Port> ports =
        offers.stream().map(o -> port(o, chosen, false)).filter(Port::checked).toList();
    ModelAndView page = new ModelAndView("ask-machine :: preview");
    page.addObject("machine", named(id, offers));
    page.addObject("preview", AskForm.preview(form, ports));
    return page;
  }

  @PostMapping("/ask")
  ModelAndView submit(@ModelAttribute Form form, Authentication signedIn, HttpServletRequest http) {
    Requestor person = visitor.of(signedIn);
    try {
      RequestId id =
          submissions.submit(
              AskForm.document(form, clock.instant()),
              person,
              caller.address(http),
              Optional.empty());
      return new ModelAndView("redirect:/requests/" + id);
    } catch (Problem e) {
      if (e.errors().isEmpty()) {
        throw e;
      }
      return form(person, form, AskForm.byField(e.errors()), http);
    }
  }
}
