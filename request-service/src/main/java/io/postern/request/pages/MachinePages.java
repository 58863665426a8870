package io.postern.request.pages;

import io.postern.event.MachineAssessed;
import io.postern.log.Convert;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.Requestor;
import io.postern.request.domain.LockdownView;
import io.postern.request.domain.ReadModel;
import io.postern.request.domain.RecordedEvent;
import io.postern.request.kafka.RequestLog;
import io.postern.request.web.Caller;
import io.postern.request.web.MachineController;
import io.postern.request.web.MachineReports;
import io.postern.request.web.Problem;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** The machines by assessment, and one with all that is known of it. */
@Controller
public class MachinePages {
  private static final int MOST = 200;
  private static final int STORY = 100;

  private final RequestLog log;
  private final Visitor visitor;
  private final Caller caller;

  MachinePages(RequestLog log, Visitor visitor, Caller caller) {
    this.log = log;
    this.visitor = visitor;
    this.caller = caller;
  }

  /**
   * A machine in the list.
   *
   * @param lockdown what is locked; empty when nothing is
   * @param warning why a port is reachable all the same, or could not be locked; empty when all is
   *     well
   */
  record Row(
      Show.Machine machine,
      String assessment,
      String severity,
      String reason,
      Moment assessed,
      boolean running,
      List<String> policies,
      String lockdown,
      List<String> warning) {}

  @GetMapping("/machines")
  String machines(
      @RequestParam(defaultValue = "") String assessment,
      @RequestParam(defaultValue = "") String q,
      Authentication signedIn,
      Model page) {
    Look look = visitor.look(signedIn);
    List<Policy> policies = policies();
    List<MachineAssessed> all = found(assessment, q);
    Map<String, Long> counts =
        log.machines().all().stream()
            .collect(
                Collectors.groupingBy(
                    m -> m.getAssessment().name(), TreeMap::new, Collectors.counting()));
    page.addAttribute("counts", counts);
    page.addAttribute(
        "machines", all.stream().limit(MOST).map(m -> row(m, policies, look)).toList());
    page.addAttribute("count", all.size());
    page.addAttribute("assessment", assessment);
    page.addAttribute("q", q);
    return "machines";
  }

  private List<MachineAssessed> found(String assessment, String q) {
    String wanted = q.strip().toLowerCase(Locale.ROOT);
    return log.machines().all().stream()
        .filter(m -> m.getAssessment().name().equals(assessment) || assessment.isEmpty())
        .filter(
            m ->
                m.getName().toLowerCase(Locale.ROOT).contains(wanted)
                    || m.getMachineId().toLowerCase(Locale.ROOT).contains(wanted))
        .sorted(
            Comparator.comparing(MachineAssessed::getName)
                .thenComparing(MachineAssessed::getMachineId))
        .toList();
  }

  /** All machines that the page finds, also those beyond what it shows, as a file. */
  @GetMapping("/machines/export")
  ResponseEntity<String> export(
      @RequestParam(defaultValue = "") String format,
      @RequestParam(defaultValue = "") String assessment,
      @RequestParam(defaultValue = "") String q) {
    return MachineReports.download(format, found(assessment, q));
  }

  private List<Policy> policies() {
    return log.policies().all().stream().map(Convert::toModel).toList();
  }

  private Row row(MachineAssessed m, List<Policy> policies, Look look) {
    MachineFacts facts = Convert.toModel(m);
    Optional<LockdownView> locked = log.model().lockdown(facts.id());
    return new Row(
        look.machine(facts.id()),
        m.getAssessment().name(),
        severity(m),
        m.getReason(),
        look.moment(m.getAssessedAt()),
        m.getRunning(),
        policies.stream().filter(p -> p.selects(facts)).map(p -> p.id().value()).sorted().toList(),
        locked.map(l -> String.join(", ", l.ports())).orElse(""),
        locked.map(MachinePages::warnings).orElse(List.of()));
  }

  private static String severity(MachineAssessed m) {
    return m.getSeverity() == null ? "" : m.getSeverity().name();
  }

  /**
   * Who reaches a port without having asked, or by a grant.
   *
   * @param sources the widest first; empty for nobody
   */
  record Exposed(String ports, List<String> sources, List<String> rules) {}

  private static List<Exposed> exposed(MachineAssessed m) {
    return m.getExposure().stream()
        .map(
            e ->
                new Exposed(
                    Convert.toModel(e.getPorts()).toString(),
                    e.getReachableFrom().stream()
                        .flatMap(
                            r ->
                                Stream.concat(
                                    r.getSources().stream(),
                                    r.getOmitted() > 0
                                        ? Stream.of("and " + r.getOmitted() + " more")
                                        : Stream.empty()))
                        .toList(),
                    e.getReachableFrom().stream()
                        .flatMap(r -> r.getRules().stream())
                        .map(d -> d.getRule())
                        .distinct()
                        .toList()))
        .toList();
  }

  private static List<String> warnings(LockdownView lockdown) {
    return lockdown.problem().isEmpty() ? lockdown.bypassedBy() : List.of(lockdown.problem());
  }

  @GetMapping("/machine")
  String machine(@RequestParam String id, Authentication signedIn, Model page) {
    Look look = visitor.look(signedIn);
    Requestor person = look.person();
    MachineId wanted = MachineController.parse(id);
    MachineAssessed known =
        log.machines().get(wanted.value()).orElseThrow(() -> Problem.notFound("machine"));
    page.addAttribute("row", row(known, policies(), look));
    page.addAttribute("facts", Convert.toModel(known));
    page.addAttribute("exposed", exposed(known));
    ReadModel.Reader reader = caller.reader(person);
    ReadModel.GrantFilter filter =
        new ReadModel.GrantFilter(Optional.empty(), Optional.of(wanted), OpenPages.SHOWN);
    page.addAttribute(
        "grants",
        log.model().grants(reader, filter, look.now(), ReadModel.Part.first(STORY)).items().stream()
            .map(g -> Show.Grant.of(g, look))
            .toList());
    ReadModel.EventFilter events =
        new ReadModel.EventFilter(
            Optional.empty(),
            Optional.of(wanted),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    List<RecordedEvent> story =
        log.model().events(reader, events, ReadModel.Part.first(STORY)).items();
    page.addAttribute("story", story.stream().map(e -> Show.Line.of(e, look)).toList());
    return "machine";
  }
}
