package io.postern.enforcement.kafka;

import io.postern.enforcement.Reporter;
import io.postern.enforcement.assess.Assessments;
import io.postern.enforcement.cloud.RestorePointStore;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.domain.Way;
import io.postern.enforcement.exposure.Posture;
import io.postern.event.AccessClosed;
import io.postern.event.AccessOpened;
import io.postern.event.DriftDetected;
import io.postern.event.EndReason;
import io.postern.event.Endpoint;
import io.postern.event.EnforcementFailed;
import io.postern.event.EnforcementOperation;
import io.postern.event.LockdownApplied;
import io.postern.event.LockdownLifted;
import io.postern.event.PlanComputed;
import io.postern.log.Convert;
import io.postern.log.EventCodec;
import io.postern.log.Topics;
import io.postern.log.Trace;
import io.postern.model.GrantId;
import io.postern.model.Ids;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.PortSpec;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Puts an enforcer's news and restore points on the log, signed. */
final class LogReporter implements Reporter, RestorePointStore {
  private static final Logger LOGGER = LoggerFactory.getLogger(LogReporter.class);
  private static final long DURABLE_SECONDS = 30;

  private final EventCodec codec;
  private final Producer<byte[], byte[]> producer;
  private final int partitions;
  private final Clock clock;
  private final String establishedConnections;
  private final String lockdownNotice;
  private final String service;
  private final BiFunction<Scope, GrantId, Optional<String>> causes;
  private final RestorePointStore local;
  private final EnforcerMetrics metrics;
  private final Map<MachineId, List<String>> lockedBy = new ConcurrentHashMap<>();

  LogReporter(
      EventCodec codec,
      Producer<byte[], byte[]> producer,
      int partitions,
      Clock clock,
      String establishedConnections,
      String lockdownNotice,
      EnforcerMetrics metrics,
      String service,
      BiFunction<Scope, GrantId, Optional<String>> causes,
      RestorePointStore local) {
    this.codec = codec;
    this.producer = producer;
    this.partitions = partitions;
    this.clock = clock;
    this.establishedConnections = establishedConnections;
    this.lockdownNotice = lockdownNotice;
    this.metrics = metrics;
    this.service = service;
    this.causes = causes;
    this.local = local;
  }

  @Override
  public void report(Scope scope, Report report) {
    metrics.reported(scope, report, clock.instant());
    SpecificRecord event =
        switch (report) {
          case Report.Opened o -> opened(scope, o);
          case Report.Closed c -> closed(scope, c);
          case Report.Failed f -> failed(scope, f);
          case Report.Locked l -> locked(scope, l);
          case Report.Lifted l -> lifted(scope, l);
          case Report.Drifted d -> drifted(scope, d);
          case Report.Planned p -> planned(scope, p);
        };
    Optional<Grant> grant = grantOf(report);
    Optional<String> cause = grant.flatMap(g -> causes.apply(scope, g.id()));
    String name = event.getSchema().getName();
    Trace trace = cause.isEmpty() ? Trace.none() : Trace.publish(service, event, cause);
    try (Trace.Within within = trace.enter()) {
      grant.ifPresent(
          g -> trace.with("postern.grant.id", g.id()).with("postern.request.id", g.request()));
      LoggingEventBuilder line =
          LOGGER.atInfo().addKeyValue("scope", scope).addKeyValue("event", name);
      grant
          .map(g -> line.addKeyValue("grantId", g.id()).addKeyValue("requestId", g.request()))
          .orElse(line)
          .log("{}", report);
      producer.send(
          codec.encode(
              Topics.ENFORCEMENT, scope, partitions, scope.value(), event, trace.context()),
          (meta, e) -> {
            if (e != null) {
              trace.failed("a report did not reach the log");
              LOGGER
                  .atError()
                  .addKeyValue("scope", scope)
                  .setCause(e)
                  .log("a report did not reach the log");
            }
            trace.close();
          });
    }
  }

  private static Optional<Grant> grantOf(Report report) {
    return switch (report) {
      case Report.Opened o -> Optional.of(o.grant());
      case Report.Closed c -> Optional.of(c.grant());
      case Report.Failed f -> f.grant();
      case Report.Locked l -> Optional.empty();
      case Report.Lifted l -> Optional.empty();
      case Report.Drifted d -> Optional.empty();
      case Report.Planned p -> Optional.empty();
    };
  }

  private AccessOpened opened(Scope scope, Report.Opened o) {
    Grant g = o.grant();
    return new AccessOpened(
        Ids.derived("opened", g.id().toString()).toString(),
        clock.instant(),
        g.id().toString(),
        g.request().toString(),
        g.machine().value(),
        scope.value(),
        Convert.fromCidrs(g.sources()),
        o.ways().isEmpty() ? endpoints(o.machine(), g.ports()) : endpoints(o.ways()),
        g.expiresAt(),
        o.ruleSets().stream().map(RuleSetId::value).toList(),
        established(o.established()));
  }

  private static List<Endpoint> endpoints(MachineFacts machine, List<PortSpec> ports) {
    List<String> addresses =
        machine.publicAddresses().isEmpty()
            ? machine.privateAddresses()
            : machine.publicAddresses();
    return addresses.stream()
        .limit(1)
        .flatMap(
            a ->
                ports.stream()
                    .map(p -> new Endpoint(a, p.ports().from(), Convert.toEvent(p).getProtocol())))
        .toList();
  }

  private static List<Endpoint> endpoints(List<Way> ways) {
    return ways.stream()
        .map(
            w ->
                new Endpoint(
                    w.address(), w.port(), io.postern.event.Protocol.valueOf(w.protocol().name())))
        .toList();
  }

  /** What this path does to connections, or else what the cloud does. */
  private String established(String onThisPath) {
    return onThisPath.isEmpty() ? establishedConnections : onThisPath;
  }

  private AccessClosed closed(Scope scope, Report.Closed c) {
    Grant g = c.grant();
    return new AccessClosed(
        Ids.derived("closed", g.id().toString()).toString(),
        clock.instant(),
        g.id().toString(),
        g.request().toString(),
        g.machine().value(),
        scope.value(),
        EndReason.valueOf(c.reason().name()),
        established(c.established()));
  }

  private EnforcementFailed failed(Scope scope, Report.Failed f) {
    return new EnforcementFailed(
        UUID.randomUUID().toString(),
        clock.instant(),
        f.grant().map(g -> g.id().toString()).orElse(null),
        f.grant().map(g -> g.request().toString()).orElse(null),
        f.machine().id().value(),
        scope.value(),
        EnforcementOperation.valueOf(f.operation().name()),
        f.code().name(),
        f.message(),
        f.willRetry());
  }

  private LockdownApplied locked(Scope scope, Report.Locked l) {
    List<String> policies = l.lock().policies().stream().map(PolicyId::value).toList();
    lockedBy.put(l.machine().id(), policies);
    return new LockdownApplied(
        UUID.randomUUID().toString(),
        clock.instant(),
        l.machine().id().value(),
        scope.value(),
        policies,
        Convert.fromPorts(l.lock().ports()),
        l.ruleSets().stream().map(RuleSetId::value).toList(),
        l.bypasses().stream().map(Assessments::toEvent).toList(),
        lockdownNotice);
  }

  private LockdownLifted lifted(Scope scope, Report.Lifted l) {
    return new LockdownLifted(
        UUID.randomUUID().toString(),
        clock.instant(),
        l.machine().id().value(),
        scope.value(),
        Optional.ofNullable(lockedBy.remove(l.machine().id())).orElse(List.of()),
        l.ruleSets().stream().map(RuleSetId::value).toList());
  }

  private PlanComputed planned(Scope scope, Report.Planned p) {
    return new PlanComputed(
        Ids.derived("planned", p.changeId(), p.machine().id().value()).toString(),
        clock.instant(),
        p.policy().value(),
        p.changeId(),
        scope.value(),
        p.machine().id().value(),
        p.steps(),
        p.ofMachines());
  }

  private DriftDetected drifted(Scope scope, Report.Drifted d) {
    return new DriftDetected(
        UUID.randomUUID().toString(),
        clock.instant(),
        d.ruleSet().value(),
        scope.value(),
        d.machines().stream().map(MachineId::value).toList(),
        d.changes(),
        d.action());
  }

  @Override
  public void assessed(MachineFacts machine, Posture posture, Instant at) {
    producer.send(
        codec.encode(
            Topics.MACHINES,
            machine.id().scope(),
            partitions,
            machine.id().value(),
            Assessments.toEvent(machine, posture, at),
            Optional.empty()));
  }

  @Override
  public void gone(MachineId machine) {
    producer.send(codec.tombstone(Topics.MACHINES, machine.scope(), partitions, machine.value()));
  }

  @Override
  public void record(Scope scope, RuleSetId ruleSet, Optional<RestorePoint> restorePoint) {
    Instant now = clock.instant();
    ProducerRecord<byte[], byte[]> record =
        restorePoint
            .map(
                r ->
                    codec.encode(
                        Topics.RESTORE_POINTS,
                        scope,
                        partitions,
                        ruleSet.value(),
                        Leases.toEvent(ruleSet, scope, r, now),
                        Optional.empty()))
            .orElseGet(
                () -> codec.tombstone(Topics.RESTORE_POINTS, scope, partitions, ruleSet.value()));
    try {
      producer.send(record).get(DURABLE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the restore point of " + ruleSet + " is not on the log", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "interrupted while recording the restore point of " + ruleSet, e);
    }
    local.record(scope, ruleSet, restorePoint);
  }
}
