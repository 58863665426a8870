package io.postern.expiry.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.postern.expiry.domain.ClockGuard;
import io.postern.expiry.domain.OwnRecords;
import io.postern.expiry.domain.Turn;
import io.postern.log.DeadLetters;
import io.postern.log.EventCodec;
import io.postern.log.LogConnection;
import io.postern.log.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * expiry-service on the log: announces the end of each grant, and before it a reminder where one is
 * asked for. Every replica holds every timer; replica k waits k staggers beyond the instant and
 * keeps silent when the announcement is already there. Nothing is announced before the log has been
 * read to its end, so that a restart repeats nothing, nor before the broker's clock has been heard.
 *
 * <p>Threads: the {@link Intake} reads, the {@link Wheel} tells what is near, the {@link Announcer}
 * waits for it and sends it, the {@link Lookout} verifies ahead, the {@link Preparer} writes ahead.
 */
public final class ExpiryService implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(ExpiryService.class);

  // Our own announcements are read back, too, and in a storm that competes with sending them. Far
  // less than a stagger, within which another's announcement must be heard.
  private static final int OF_A_STAGGER = 10;
  private static final Duration TOGETHER = Duration.ofMillis(50);

  private final KafkaProducer<byte[], byte[]> producer;
  private final TrustedTime time;
  private final BrokerClock brokerClock;
  private final Spill spill;
  private final Wheel wheel;
  private final Turn turn;
  private final Timers ends;
  private final Timers reminders;
  private final Lookout lookout;
  private final Preparer preparer;
  private final Announcer announcer;
  private final Intake intake;
  private final ExpiryMetrics metrics;

  /**
   * @param replica this replica's number, from 0
   * @param step how long each further replica waits for the one before it
   */
  public ExpiryService(LogConnection log, int replica, Duration step, Clock clock) {
    this(log, ExpirySettings.of(replica, step), clock, Metrics.globalRegistry);
  }

  public ExpiryService(
      LogConnection log, ExpirySettings settings, Clock clock, MeterRegistry registry) {
    EventCodec codec = log.codec(Topics.EXPIRY_SERVICE, clock);
    var config = log.settings().producer(Topics.EXPIRY_SERVICE);
    config.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, "262144");
    this.producer = new KafkaProducer<>(config);
    this.time = new TrustedTime(settings, clock, System::nanoTime);
    this.spill = new Spill(settings.spill());
    this.wheel = new Wheel(time);
    this.turn = settings.turn();
    this.ends = new Timers(Kind.END, wheel, spill, turn);
    this.reminders = new Timers(Kind.REMINDER, wheel, spill, turn);
    List<Timers> all = List.of(ends, reminders);
    this.metrics = new ExpiryMetrics(registry, this::timers, time);
    Verifier verifier = new Verifier(codec, spill, new DeadLetters(codec, producer), metrics, all);
    this.lookout = new Lookout(all, time, verifier);
    this.preparer =
        new Preparer(
            new Composer(codec, log.partitions(), spill),
            verifier,
            time,
            wheel,
            LockSupport::parkNanos);
    OwnRecords own = new OwnRecords();
    this.intake =
        new Intake(
            log,
            together(settings),
            caughtUp ->
                new Inbox(
                    codec,
                    spill,
                    verifier,
                    ends,
                    reminders,
                    own,
                    metrics,
                    time,
                    this::isInAStorm,
                    caughtUp),
            this::armed);
    this.brokerClock = new BrokerClock(log.settings(), time, time::isUnsteady, this::brokerSays);
    this.announcer =
        new Announcer(
            new Composer(codec, log.partitions(), spill),
            producer,
            verifier,
            wheel,
            time,
            brokerClock,
            own,
            metrics,
            turn,
            intake::isArmed);
  }

  private boolean isInAStorm() {
    return announcer.isInAStorm();
  }

  private static Duration together(ExpirySettings settings) {
    Duration most = settings.stagger().dividedBy(OF_A_STAGGER);
    return most.compareTo(TOGETHER) < 0 ? most : TOGETHER;
  }

  /** Starts to follow the log; returns at once. */
  public void start() {
    brokerClock.start();
    intake.start();
    announcer.start();
  }

  private void armed() {
    turn.ready(time.micros());
    ends.forgetWithoutLease();
    reminders.forgetWithoutLease();
    LOGGER
        .atInfo()
        .addKeyValue("ends", ends.size())
        .addKeyValue("reminders", reminders.size())
        .log("timers armed");
    lookout.start();
    preparer.start();
  }

  /** Whether every timer is armed, and the time is known. */
  public boolean isReady() {
    return intake.isArmed() && time.state() != ClockGuard.State.UNKNOWN;
  }

  /** How many grants are known. */
  public int timers() {
    return ends.size();
  }

  private void brokerSays(long brokerMillis, long sentNanos, long ackNanos) {
    ClockGuard.State before = time.state();
    long step = time.probed(brokerMillis, sentNanos, ackNanos);
    ClockGuard.State after = time.state();
    if (after == ClockGuard.State.DISAGREEING && before != after) {
      LOGGER
          .atError()
          .addKeyValue("brokerMillis", brokerMillis)
          .log("host and broker do not agree on the time; set the clocks right");
    }
    if (step != 0) {
      LOGGER.atWarn().addKeyValue("micros", step).log("the time was stepped");
      turn.timeStepped();
      ends.armAll();
      reminders.armAll();
    }
  }

  @Override
  public void close() {
    brokerClock.close();
    intake.close();
    announcer.close();
    lookout.close();
    preparer.close();
    wheel.close();
    producer.close(Duration.ofSeconds(5));
    spill.close();
    metrics.close();
  }
}
