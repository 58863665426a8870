package io.postern.request.pages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.postern.event.JitPolicy;
import io.postern.log.Convert;
import io.postern.model.FieldError;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.PolicyWriter;
import io.postern.model.Requestor;
import io.postern.model.Subject;
import io.postern.request.kafka.RequestLog;
import io.postern.request.web.Caller;
import io.postern.request.web.MachineController;
import io.postern.request.web.Policies;
import io.postern.request.web.Problem;
import io.postern.request.web.SharedRuleSet;
import io.postern.request.web.Waiting;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The policies; a change is shown as a plan before it is saved. */
@Controller
public class PolicyPages {
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .build();

  private static final String EMPTY =
      """
      schemaVersion: 1
      name: my-policy
      machines:
        - azure: {subscription: 00000000-0000-0000-0000-000000000001, resourceGroup: shop}
      ports:
        - {port: 22, protocol: TCP, sources: ["*"], maxDuration: PT3H}
      requestors: {groups: [sre]}
      """;

  private final RequestLog log;
  private final Visitor visitor;
  private final Caller caller;
  private final Policies policies;

  PolicyPages(RequestLog log, Visitor visitor, Caller caller, Policies policies) {
    this.log = log;
    this.visitor = visitor;
    this.caller = caller;
    this.policies = policies;
  }

  /** A policy in the list. */
  record Row(
      String name,
      long version,
      String by,
      Moment changed,
      List<String> ports,
      List<String> who,
      String approval,
      boolean denies,
      long machines) {}

  @GetMapping("/policies")
  String list(Authentication signedIn, Model page) {
    Look look = visitor.look(signedIn);
    page.addAttribute(
        "policies",
        log.policies().all().stream()
            .sorted(Comparator.comparing(JitPolicy::getPolicyId))
            .map(p -> row(p, look))
            .toList());
    return "policies";
  }

  private Row row(JitPolicy standing, Look look) {
    Policy p = Convert.toModel(standing);
    return new Row(
        standing.getPolicyId(),
        standing.getVersion(),
        standing.getChangedBy(),
        look.moment(standing.getChangedAt()),
        p.ports().stream().map(r -> r.ports().toString()).toList(),
        Stream.concat(
                p.requestorGroups().stream().sorted().map(g -> "group " + g),
                p.requestorSubjects().stream().sorted().map(Subject::toString))
            .toList(),
        p.terms()
            .approval()
            .map(a -> String.join(", then ", a.levels().stream().map(Show::people).toList()))
            .orElse(""),
        p.terms().denies(),
        log.machines().all().stream().map(Convert::toModel).filter(p::selects).count());
  }

  @GetMapping("/policies/{name}")
  String policy(@PathVariable String name, Authentication signedIn, Model page)
      throws JsonProcessingException {
    JitPolicy standing = log.policies().get(name).orElseThrow(() -> Problem.notFound("policy"));
    page.addAttribute("policy", row(standing, visitor.look(signedIn)));
    page.addAttribute("text", text(standing));
    return "policy";
  }

  private static String text(JitPolicy standing) throws JsonProcessingException {
    ObjectNode document = PolicyWriter.write(Convert.toModel(standing));
    return YAML.writeValueAsString(document);
  }

  /**
   * A policy to be changed, or a new one.
   *
   * @param suggest whether a new one is drafted for all machines that need it
   */
  @GetMapping("/policies/edit")
  ModelAndView edit(
      @RequestParam(defaultValue = "") String name,
      @RequestParam(defaultValue = "false") boolean suggest,
      Authentication signedIn)
      throws JsonProcessingException {
    caller.requireAdmin(visitor.of(signedIn));
    Optional<JitPolicy> standing = log.policies().get(name);
    if (standing.isPresent()) {
      return edit(text(standing.get()), standing.get().getVersion());
    }
    return edit(suggest ? draft(List.of()) : EMPTY, 0);
  }

  /**
   * A new policy for machines as they are. Their ids come in the body, since those of a hundred are
   * longer than an address may be.
   */
  @PostMapping("/policies/draft")
  ModelAndView draft(@RequestParam(defaultValue = "") List<String> machine, Authentication signedIn)
      throws JsonProcessingException {
    caller.requireAdmin(visitor.of(signedIn));
    return edit(machine.isEmpty() ? EMPTY : draft(machine), 0);
  }

  private String draft(List<String> machines) throws JsonProcessingException {
    List<MachineId> meant = machines.stream().map(MachineController::parse).toList();
    return YAML.writeValueAsString(
        PolicyWriter.write(policies.draft(Policies.id("suggested"), meant, Set.of("sre"))));
  }

  private static ModelAndView edit(String text, long version) {
    ModelAndView page = new ModelAndView("policy-edit");
    page.addObject("text", text);
    page.addObject("version", version);
    return page;
  }

  /** A planned machine on the page. */
  record Planned(Show.Machine machine, List<String> steps) {}

  /** Machines outside the policy that are behind a rule set of one inside. */
  record Shared(String ruleSet, List<Show.Machine> others) {}

  /**
   * Shows what the text would write, or saves it when that was shown for the very same text.
   *
   * @param planned the text whose plan the reader was shown
   * @param version of the policy that the reader has changed; 0 when there was none
   */
  @PostMapping("/policies/edit")
  ModelAndView change(
      @RequestParam String text,
      @RequestParam(defaultValue = "") String planned,
      @RequestParam(defaultValue = "0") long version,
      @RequestParam(defaultValue = "plan") String action,
      Authentication signedIn) {
    Look look = visitor.look(signedIn);
    Requestor person = look.person();
    caller.requireAdmin(person);
    ModelAndView page = edit(text, version);
    Policy policy;
    try {
      policy = read(text);
    } catch (Problem e) {
      page.setStatus(HttpStatus.BAD_REQUEST);
      page.addObject("errors", e.errors().stream().map(PolicyPages::sentence).toList());
      return page;
    }
    Optional<JitPolicy> standing = log.policies().get(policy.id().value());
    long now = standing.map(JitPolicy::getVersion).orElse(0L);
    if (now != version) {
      page.setStatus(HttpStatus.CONFLICT);
      page.addObject(
          "errors",
          List.of(
              now == 0
                  ? "There is no policy of this name any more."
                  : "Policy %s stands at version %d; you have changed version %d."
                      .formatted(policy.id(), now, version)));
      return page;
    }
    Optional<Long> expected = standing.map(JitPolicy::getVersion);
    if (action.equals("save") && normal(planned).equals(normal(text))) {
      return save(policy, person, expected);
    }
    Policies.Rehearsed plan = policies.rehearse(policy, person, expected);
    page.addObject("planned", normal(text));
    page.addObject(
        "plans",
        plan.plans().stream().map(p -> new Planned(look.machine(p.machine()), p.steps())).toList());
    page.addObject(
        "writes", plan.plans().stream().flatMap(p -> p.steps().stream()).distinct().count());
    page.addObject("silent", plan.silent().stream().map(look::machine).toList());
    page.addObject(
        "shared",
        SharedRuleSet.of(plan.concerned(), log.machines().all()).stream()
            .map(s -> shared(s, look))
            .toList());
    return page;
  }

  private static Shared shared(SharedRuleSet set, Look look) {
    return new Shared(
        set.ruleSet(), set.others().stream().map(m -> look.machine(new MachineId(m))).toList());
  }

  private ModelAndView save(Policy policy, Requestor person, Optional<Long> expected) {
    String changeId = log.put(policy, person, expected, false);
    String name = policy.id().value();
    Waiting.until(
        () -> log.policies().get(name).filter(p -> p.getChangeId().equals(changeId)).isPresent());
    return new ModelAndView("redirect:/policies");
  }

  /** Browsers send line ends of their own. */
  private static String normal(String text) {
    return text.replace("\r\n", "\n").strip();
  }

  private Policy read(String text) {
    JsonNode document;
    try {
      document = YAML.readTree(text);
    } catch (JsonProcessingException e) {
      throw Problem.invalid(
          "line " + (e.getLocation() == null ? "?" : e.getLocation().getLineNr()),
          "must be YAML or JSON",
          String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse(""));
    }
    String name = document.path("name").asText("");
    return policies.read(name, document.toString());
  }

  private static String sentence(FieldError e) {
    return e.field() + " " + e.rule() + (e.given().isEmpty() ? "" : " (given: " + e.given() + ")");
  }

  @PostMapping("/policies/{name}/delete")
  String delete(@PathVariable String name, @RequestParam long version, Authentication signedIn) {
    Requestor person = visitor.of(signedIn);
    caller.requireAdmin(person);
    JitPolicy standing = log.policies().get(name).orElseThrow(() -> Problem.notFound("policy"));
    if (standing.getVersion() != version) {
      throw Problem.conflict("policy " + name + " was changed meanwhile");
    }
    log.delete(Policies.id(name), person, Optional.of(version));
    Waiting.until(() -> log.policies().get(name).isEmpty());
    return "redirect:/policies";
  }
}
