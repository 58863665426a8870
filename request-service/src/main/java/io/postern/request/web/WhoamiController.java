package io.postern.request.web;

import io.postern.log.Convert;
import io.postern.model.Cidr;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.PortSpec;
import io.postern.model.Requestor;
import io.postern.request.domain.Offers;
import io.postern.request.kafka.RequestLog;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Who calls, from where he seems to come, and what he may ask for. */
@RestController
public class WhoamiController {
  private final RequestLog log;
  private final Caller caller;
  private final Clock clock;

  WhoamiController(RequestLog log, Caller caller, Clock clock) {
    this.log = log;
    this.caller = caller;
    this.clock = clock;
  }

  record Whoami(
      String subject,
      String issuer,
      List<String> groups,
      boolean admin,
      String address,
      List<MayAsk> mayAsk) {}

  /**
   * A port of a machine.
   *
   * @param sources networks that a source must lie in; empty for any single address
   * @param now whether a grant may begin now
   * @param approval whether somebody must approve
   * @param conditional whether more is checked once the request is there
   */
  record MayAsk(
      String machine,
      String name,
      String policy,
      String port,
      String protocol,
      List<String> sources,
      String maxDuration,
      boolean now,
      boolean approval,
      boolean justification,
      boolean conditional) {
    static MayAsk of(Offers.Offer o) {
      PortSpec ports = o.rule().ports();
      return new MayAsk(
          o.machine().id().value(),
          o.machine().name(),
          o.policy().id().value(),
          ports.ports().toString(),
          ports.protocol().name(),
          o.rule().sources().stream().map(Cidr::toString).toList(),
          o.rule().maxDuration().toString(),
          o.isOpenHours(),
          o.needsApproval(),
          o.policy().justificationRequired(),
          o.isConditional());
    }
  }

  /** With a machine, only what concerns it. */
  @GetMapping("/api/v1/whoami")
  Whoami whoami(
      @RequestParam(required = false) @Nullable String machine,
      @AuthenticationPrincipal Jwt token,
      HttpServletRequest http) {
    Requestor person = caller.of(token);
    MachineId wanted = machine == null ? null : MachineController.parse(machine);
    List<Policy> policies = log.policies().all().stream().map(Convert::toModel).toList();
    List<MachineFacts> machines =
        log.machines().all().stream()
            .map(Convert::toModel)
            .filter(m -> wanted == null || m.id().equals(wanted))
            .toList();
    return new Whoami(
        person.subject(),
        person.issuer(),
        person.groups().stream().sorted().toList(),
        caller.isAdmin(person),
        caller.address(http),
        Offers.of(person, policies, machines, clock.instant()).stream().map(MayAsk::of).toList());
  }
}
