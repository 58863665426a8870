package io.postern.request.web;

import io.postern.request.domain.ReadModel;
import io.postern.request.domain.ReadModelException;
import io.postern.request.domain.StreamId;
import io.postern.request.kafka.RequestLog;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Streams of events, each served by a thread of its own that reads the record behind what it has
 * sent: a slow reader holds up nobody, and one that comes again goes on where it was.
 */
@Component
public class EventStreams {
  private static final Logger LOGGER = LoggerFactory.getLogger(EventStreams.class);

  /** Shorter than the idle limit of any common proxy. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);

  /** A rebuilt store may have taken partitions in another order: this much is sent again. */
  private static final Duration OVERLAP = Duration.ofMinutes(1);

  private static final Duration LONGEST = Duration.ofHours(12);
  private static final int MOST_STREAMS = 1_000;
  private static final int BATCH = 200;

  private final RequestLog log;
  private final Clock clock;
  private final AtomicInteger open = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private long changes;
  private volatile boolean closed;

  EventStreams(RequestLog log, Clock clock) {
    this.log = log;
    this.clock = clock;
    log.model().onChange(this::wake);
  }

  private void wake() {
    lock.lock();
    try {
      changes++;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Ends all streams before the server waits for what is under way. */
  @EventListener(ContextClosedEvent.class)
  void close() {
    closed = true;
    wake();
  }

  /**
   * Begins a stream.
   *
   * @param last the id of the last event that the reader has; empty to begin with what comes now
   * @param until when it ends at the latest
   * @throws Problem when the id is none of ours, or too many streams are open
   */
  SseEmitter open(
      ReadModel.Reader reader,
      ReadModel.EventFilter filter,
      Optional<String> last,
      Optional<Instant> until) {
    ReadModel model = log.model();
    String generation = model.generation();
    long from =
        last.map(
                text ->
                    StreamId.parse(text)
                        .map(id -> behind(id, generation))
                        .orElseThrow(
                            () ->
                                Problem.invalid(
                                    "Last-Event-ID", "must be the id of an event", text)))
            .orElseGet(model::lastPosition);
    if (open.incrementAndGet() > MOST_STREAMS) {
      open.decrementAndGet();
      throw Problem.busy("too many streams are open");
    }
    Instant end = clock.instant().plus(LONGEST);
    Instant limit = until.filter(u -> u.isBefore(end)).orElse(end);
    SseEmitter emitter = new SseEmitter(0L);
    Thread.ofVirtual()
        .name("event-stream")
        .start(() -> serve(emitter, reader, filter, generation, from, limit));
    return emitter;
  }

  private long behind(StreamId id, String generation) {
    return id.generation().equals(generation)
        ? id.position()
        : log.model().positionBefore(id.at().minus(OVERLAP));
  }

  private void serve(
      SseEmitter emitter,
      ReadModel.Reader reader,
      ReadModel.EventFilter filter,
      String generation,
      long from,
      Instant limit) {
    try {
      long position = from;
      // Its headers and a first byte: the reader knows that he is connected.
      emitter.send(SseEmitter.event().comment("from here on"));
      while (!closed && clock.instant().isBefore(limit)) {
        long seen = changes();
        if (!log.model().generation().equals(generation)) {
          break;
        }
        List<ReadModel.Placed> more = log.model().eventsAfter(reader, filter, position, BATCH);
        for (ReadModel.Placed placed : more) {
          send(emitter, generation, placed);
          position = placed.position();
        }
        if (more.size() < BATCH && !await(seen, limit)) {
          emitter.send(SseEmitter.event().comment("still here"));
        }
      }
      emitter.complete();
    } catch (IOException | IllegalStateException e) {
      LOGGER.atDebug().setCause(e).log("a reader of the stream has gone");
      emitter.complete();
    } catch (ReadModelException e) {
      LOGGER.atWarn().setCause(e).log("a stream ends: the read model does not answer");
      emitter.complete();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      emitter.complete();
    } finally {
      open.decrementAndGet();
    }
  }

  private static void send(SseEmitter emitter, String generation, ReadModel.Placed placed)
      throws IOException {
    emitter.send(
        SseEmitter.event()
            .id(new StreamId(generation, placed.position(), placed.event().at()).toString())
            .name(placed.event().type())
            .data(Views.Event.of(placed.event()), MediaType.APPLICATION_JSON));
  }

  private long changes() {
    lock.lock();
    try {
      return changes;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a change behind the one seen; false when there was none for a heartbeat's time. */
  private boolean await(long seen, Instant limit) throws InterruptedException {
    Duration left = Duration.between(clock.instant(), limit);
    long nanos = Math.max(0, Math.min(HEARTBEAT.toNanos(), left.toNanos()));
    lock.lock();
    try {
      while (changes == seen && !closed) {
        if (nanos <= 0) {
          return false;
        }
        nanos = news.awaitNanos(nanos);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
