package io.postern.log;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * A step of what is made of a request, as OpenTelemetry sees it: a span, and the W3C trace context
 * of the records that it writes. Until {@link #recordWith} nothing is recorded, a step costs a look
 * at a null, and the trace context of the cause goes on unchanged.
 *
 * <p>A trace context comes from whoever may write, so it is never believed: nothing is decided by
 * it, and one that is not well-formed is as good as none. To be closed, by any thread.
 */
public final class Trace implements AutoCloseable {
  /** Name of the field that names the trace in log lines, as ECS has it. */
  public static final String LOG_FIELD = "trace.id";

  /** The longest traceparent that is looked at, in characters. */
  static final int LONGEST = 128;

  private static final W3CTraceContextPropagator FORMAT = W3CTraceContextPropagator.getInstance();

  private static final TextMapGetter<String> GETTER =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(String carrier) {
          return List.of(Headers.TRACE_PARENT);
        }

        @Override
        public @Nullable String get(@Nullable String carrier, String key) {
          return key.equals(Headers.TRACE_PARENT) ? carrier : null;
        }
      };

  private static final Trace NONE = new Trace(null, Optional.empty());
  private static final Within NOWHERE = () -> {};

  private static volatile @Nullable TracerProvider recorder;

  private final @Nullable Span span;
  private final Optional<String> context;

  private Trace(@Nullable Span span, Optional<String> context) {
    this.span = span;
    this.context = context;
  }

  /** From now on this takes the steps that begin in this process; null: they are not recorded. */
  public static void recordWith(@Nullable TracerProvider provider) {
    recorder = provider;
  }

  /** The trace context that a record carries, if it carries a well-formed one. */
  public static Optional<String> of(org.apache.kafka.common.header.Headers headers) {
    var header = headers.lastHeader(Headers.TRACE_PARENT);
    return header == null || header.value() == null || header.value().length > LONGEST
        ? Optional.empty()
        : wellFormed(Optional.ofNullable(Headers.text(headers, Headers.TRACE_PARENT)));
  }

  /** The same context in version 00 of the format, or nothing when it is not well-formed. */
  public static Optional<String> wellFormed(Optional<String> traceParent) {
    return text(contextOf(traceParent));
  }

  /** The context of the step that this thread is within, if any. */
  public static Optional<String> here() {
    return text(Span.current().getSpanContext());
  }

  /** Begins a step that follows from another; without one it begins a trace. */
  public static Trace begin(String service, String name, SpanKind kind, Optional<String> cause) {
    return begin(service, name, kind, cause, List.of());
  }

  /**
   * Likewise, for a step that serves several.
   *
   * @param others further causes, which the step is linked with
   */
  public static Trace begin(
      String service, String name, SpanKind kind, Optional<String> cause, List<String> others) {
    TracerProvider provider = recorder;
    if (provider == null) {
      return following(cause);
    }
    SpanBuilder builder =
        provider
            .get("io.postern." + service)
            .spanBuilder(name)
            .setSpanKind(kind)
            .setParent(Context.root().with(Span.wrap(contextOf(cause))));
    for (String other : others) {
      builder.addLink(contextOf(Optional.of(other)));
    }
    Span span = builder.startSpan();
    return new Trace(span, text(span.getSpanContext()));
  }

  /** Begins the step of putting an event on the log. */
  public static Trace publish(String service, SpecificRecord event, Optional<String> cause) {
    return recorder == null
        ? following(cause)
        : begin(service, "publish " + event.getSchema().getName(), SpanKind.PRODUCER, cause);
  }

  private static Trace following(Optional<String> cause) {
    return cause.isEmpty() ? NONE : new Trace(null, cause);
  }

  /** No step: nothing is recorded, and what it writes has no cause. */
  public static Trace none() {
    return NONE;
  }

  /** What follows from this step carries this. */
  public Optional<String> context() {
    return context;
  }

  /** Whether the step is recorded, so that it is worth saying something about it. */
  public boolean isRecorded() {
    return span != null;
  }

  /** Says something about the step; what is null is not said. */
  public Trace with(String attribute, @Nullable Object value) {
    if (span != null && value != null) {
      span.setAttribute(attribute, value.toString());
    }
    return this;
  }

  /** Gives the step the name that was not known when it began. */
  public Trace named(String name) {
    if (span != null) {
      span.updateName(name);
    }
    return this;
  }

  /** The step did not do what it was to do. */
  public Trace failed(@Nullable Object why) {
    if (span != null) {
      span.setStatus(StatusCode.ERROR, String.valueOf(why));
    }
    return this;
  }

  /** This thread works on the step until what is returned is closed; its log lines say so. */
  @SuppressWarnings("MustBeClosedChecker") // Closed by what is returned.
  public Within enter() {
    if (context.isEmpty() && !Span.current().getSpanContext().isValid()) {
      return NOWHERE;
    }
    Span here = span == null ? Span.wrap(contextOf(context)) : span;
    Scope scope = here.makeCurrent();
    String before = MDC.get(LOG_FIELD);
    if (here.getSpanContext().isValid()) {
      MDC.put(LOG_FIELD, here.getSpanContext().getTraceId());
    }
    return () -> {
      scope.close();
      if (before == null) {
        MDC.remove(LOG_FIELD);
      } else {
        MDC.put(LOG_FIELD, before);
      }
    };
  }

  /** To be closed by the thread that entered. */
  public interface Within extends AutoCloseable {
    @Override
    void close();
  }

  /** The step is over. */
  @Override
  public void close() {
    if (span != null) {
      span.end();
    }
  }

  private static SpanContext contextOf(Optional<String> traceParent) {
    return traceParent
        .filter(t -> t.length() <= LONGEST)
        .map(t -> Span.fromContext(FORMAT.extract(Context.root(), t, GETTER)).getSpanContext())
        .orElse(SpanContext.getInvalid());
  }

  private static Optional<String> text(SpanContext context) {
    if (!context.isValid()) {
      return Optional.empty();
    }
    AtomicReference<String> found = new AtomicReference<>();
    FORMAT.inject(
        Context.root().with(Span.wrap(context)),
        found,
        (carrier, key, value) -> {
          if (carrier != null && key.equals(Headers.TRACE_PARENT)) {
            carrier.set(value);
          }
        });
    return Optional.ofNullable(found.get());
  }
}
