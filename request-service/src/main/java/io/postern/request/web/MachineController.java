package io.postern.request.web;

import io.postern.event.MachineAssessed;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineId;
import io.postern.request.kafka.RequestLog;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The machines that enforcers have seen. */
@RestController
@RequestMapping("/api/v1/machines")
public class MachineController {
  private final RequestLog log;

  MachineController(RequestLog log) {
    this.log = log;
  }

  @GetMapping
  Views.Page<Views.Machine> list(
      @RequestParam(required = false) @Nullable String id,
      @RequestParam(required = false) @Nullable String assessment,
      @RequestParam(required = false) @Nullable String cursor) {
    MachineId wanted = id == null ? null : parse(id);
    List<Views.Machine> all =
        log.machines().all().stream()
            .filter(m -> wanted == null || wanted.value().equals(m.getMachineId()))
            .filter(
                m -> assessment == null || m.getAssessment().name().equalsIgnoreCase(assessment))
            .sorted(Comparator.comparing(MachineAssessed::getMachineId))
            .map(m -> Views.Machine.of(m, log.model().lockdown(new MachineId(m.getMachineId()))))
            .toList();
    return Views.Page.ofAll(all, cursor);
  }

  static MachineId parse(String id) {
    try {
      return new MachineId(id);
    } catch (InvalidValueException e) {
      throw Problem.invalid("machine", e.rule(), e.given());
    }
  }
}
