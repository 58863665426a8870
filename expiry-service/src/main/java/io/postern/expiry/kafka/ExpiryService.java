package io.postern.expiry.kafka;

import io.postern.event.AccessExpired;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.expiry.domain.Deadline;
import io.postern.expiry.domain.Deadlines;
import io.postern.log.DeadLetters;
import io.postern.log.EventCodec;
import io.postern.log.LogConnection;
import io.postern.log.LogTail;
import io.postern.log.PoisonException;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.Ids;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.apache.kafka.server.util.timer.SystemTimerReaper;
import org.apache.kafka.server.util.timer.TimerTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * expiry-service on the log. Every replica holds every timer; replica k waits k staggers beyond the
 * end and keeps silent when the event is already there. Nothing rings before the log has been read
 * to its end, so that a restart repeats nothing.
 */
public final class ExpiryService implements LogTail.Handler, AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(ExpiryService.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final Duration stagger;
  private final int partitions;
  private final EventCodec codec;
  private final KafkaProducer<byte[], byte[]> producer;
  private final DeadLetters deadLetters;
  private final LogTail tail;
  private final Clock clock;
  private final SystemTimerReaper timer;
  private final Deadlines deadlines = new Deadlines();
  private boolean armed;

  /**
   * @param replica this replica's number, from 0
   * @param step how long each further replica waits for the one before it
   */
  public ExpiryService(LogConnection log, int replica, Duration step, Clock clock) {
    this.stagger = step.multipliedBy(replica);
    this.partitions = log.partitions();
    this.codec = log.codec(Topics.EXPIRY_SERVICE, clock);
    this.producer = log.settings().newProducer(Topics.EXPIRY_SERVICE);
    this.deadLetters = new DeadLetters(codec, producer);
    this.clock = clock;
    this.timer = new SystemTimerReaper("expiry-reaper", new SystemTimer("expiry-timer"));
    this.tail =
        new LogTail(
            Topics.EXPIRY_SERVICE,
            log.settings(),
            List.of(Topics.LEASES.name(), Topics.EXPIRATIONS.name()),
            this);
  }

  /** Starts to follow the log; returns at once. */
  public void start() {
    tail.start();
  }

  /** Whether every timer is armed. */
  public boolean isReady() {
    return tail.isCaughtUp();
  }

  @Override
  public void onRecord(ConsumerRecord<byte[], byte[]> record) {
    Topic topic = Topics.byName(record.topic());
    try {
      if (topic == Topics.EXPIRATIONS) {
        AccessExpired e = (AccessExpired) codec.readFromWriter(topic, record);
        expired(GrantId.parse(e.getGrantId()));
      } else if (record.value() == null) {
        codec.checkTombstone(topic, record);
        forgotten(record);
      } else {
        lease((Lease) codec.readFromWriter(topic, record));
      }
    } catch (PoisonException e) {
      deadLetters.send(topic, record, e);
    } catch (InvalidValueException e) {
      deadLetters.send(
          topic,
          record,
          new PoisonException(
              PoisonException.Cause.INVALID_CONTENT, String.valueOf(e.getMessage())));
    }
  }

  private synchronized void expired(GrantId grant) {
    deadlines.expired(grant);
  }

  private synchronized void forgotten(ConsumerRecord<byte[], byte[]> record) {
    String key = new String(record.key(), StandardCharsets.UTF_8);
    deadlines.forgotten(GrantId.parse(key.substring(key.lastIndexOf('/') + 1)));
  }

  private synchronized void lease(Lease lease) {
    GrantId grant = GrantId.parse(lease.getGrantId());
    if (lease.getState() == LeaseState.ENDED) {
      deadlines.ended(grant);
      return;
    }
    boolean needsTimer =
        deadlines.runs(
            new Deadline(
                grant,
                RequestId.parse(lease.getRequestId()),
                new MachineId(lease.getMachineId()),
                lease.getExpiresAt()));
    if (needsTimer && armed) {
      ring(grant, Duration.between(clock.instant(), lease.getExpiresAt()).plus(stagger));
    }
  }

  @Override
  public synchronized void onCaughtUp() {
    armed = true;
    Instant now = clock.instant();
    deadlines
        .all()
        .forEach(d -> ring(d.grant(), Duration.between(now, d.expiresAt()).plus(stagger)));
    LOGGER.atInfo().addKeyValue("timers", deadlines.all().size()).log("timers armed");
  }

  private void ring(GrantId grant, Duration after) {
    // Rounded up: a timer that rings a fraction of a millisecond early would only have to ring
    // twice.
    long millis = after.isNegative() ? 0 : after.plusNanos(999_999).toMillis();
    timer.add(
        new TimerTask(millis) {
          @Override
          public void run() {
            rang(grant);
          }
        });
  }

  private synchronized void rang(GrantId grant) {
    switch (deadlines.verdict(grant, stagger, clock.instant())) {
      case Deadlines.Verdict.Fire f -> fire(f.deadline());
      case Deadlines.Verdict.Wait w -> ring(grant, w.remaining());
      case Deadlines.Verdict.Silence s -> {}
    }
  }

  private void fire(Deadline deadline) {
    AccessExpired event =
        new AccessExpired(
            Ids.derived("expired", deadline.grant().toString()).toString(),
            clock.instant(),
            deadline.grant().toString(),
            deadline.request().toString(),
            deadline.machine().value(),
            deadline.machine().scope().value(),
            deadline.expiresAt());
    producer.send(
        codec.encode(
            Topics.EXPIRATIONS,
            deadline.machine().scope(),
            partitions,
            deadline.machine().scope().value(),
            event,
            Optional.empty()),
        (meta, e) -> {
          if (e != null) {
            LOGGER
                .atWarn()
                .addKeyValue("grantId", deadline.grant())
                .setCause(e)
                .log("an expiration did not reach the log, trying again");
            ring(deadline.grant(), RETRY);
          }
        });
  }

  @Override
  public void close() {
    tail.close();
    try {
      timer.close();
    } catch (Exception e) {
      LOGGER.atWarn().setCause(e).log("the timer did not stop cleanly");
    }
    producer.close(Duration.ofSeconds(5));
  }
}
