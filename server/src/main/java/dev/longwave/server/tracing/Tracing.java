package dev.longwave.server.tracing;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.Message;
import dev.longwave.server.http.EventSpans;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.http.TraceContext;
import dev.longwave.server.ops.BrokerSpans;
import io.helidon.http.Method;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Records a span for each request that publishes or deletes, and for each event that a client
 * publishes on a connection of its own, and below it one for each time that the broker is asked to
 * publish, and sends them to a collector. Safe for many threads.
 */
public final class Tracing implements Filter, BrokerSpans, AutoCloseable {
    /*
     * The span of a request is the parent of what subscribers record: its context goes into the events, as attributes,
     * in place of the context that came with the request. There the broker's spans find their parent, too, so none of it
     * depends on the thread.
     *
     * A collector that is away costs spans and a line in the log, and nobody waits for it: the queue is bounded.
     *
     * Names and attributes: OpenTelemetry's semantic conventions for HTTP and messaging.
     */
    private static final int MAX_QUEUED = 4096;
    private static final Duration SEND_EVERY = Duration.ofSeconds(1);
    private static final Duration SENDING = Duration.ofSeconds(10);
    private static final Duration CLOSING = Duration.ofSeconds(3);
    private static final String EVENTS = "/events/";
    private static final String BATCH = "/publish";
    private static final int FIRST_ERROR = 500;

    private static final AttributeKey<String> METHOD =
            AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
    private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
    private static final AttributeKey<Long> STATUS =
            AttributeKey.longKey("http.response.status_code");
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> OPERATION =
            AttributeKey.stringKey("messaging.operation.name");
    private static final AttributeKey<String> TOPIC =
            AttributeKey.stringKey("messaging.destination.name");

    private static final TextMapGetter<Map<String, String>> GETTER =
            new TextMapGetter<>() {
                @Override
                public @Nullable String get(@Nullable Map<String, String> carrier, String key) {
                    return carrier == null ? null : carrier.get(key);
                }
            };

    private final SdkTracerProvider provider;
    private final Tracer tracer;
    private final String brokerType;

    private Tracing(
            URI endpoint, int samplePercent, String node, String version, String brokerType) {
        OtlpHttpSpanExporter exporter =
                OtlpHttpSpanExporter.builder()
                        .setEndpoint(endpoint.toString())
                        .setTimeout(SENDING)
                        .build();
        this.provider =
                SdkTracerProvider.builder()
                        .setResource(
                                Resource.getDefault().toBuilder()
                                        .put("service.name", "longwave")
                                        .put("service.version", version)
                                        .put("service.instance.id", node)
                                        .build())
                        .setSampler(
                                Sampler.parentBased(
                                        Sampler.traceIdRatioBased(samplePercent / 100.0)))
                        .addSpanProcessor(
                                BatchSpanProcessor.builder(exporter)
                                        .setMaxQueueSize(MAX_QUEUED)
                                        .setScheduleDelay(SEND_EVERY)
                                        .setExporterTimeout(SENDING)
                                        .build())
                        .build();
        this.tracer = provider.get("dev.longwave", version);
        this.brokerType = brokerType;
    }

    /**
     * {@return what records spans; null if no collector is configured}
     *
     * @param node identifies this process to the collector
     */
    public static @Nullable Tracing open(
            TracingSettings settings, String node, String version, String brokerType) {
        URI endpoint = settings.endpoint();
        return endpoint == null
                ? null
                : new Tracing(endpoint, settings.samplePercent(), node, version, brokerType);
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        String path = request.prologue().uriPath().rawPath();
        Method method = request.prologue().method();
        String route = route(method, path);
        if (route.isEmpty()) {
            chain.proceed();
            return;
        }
        Span span =
                tracer.spanBuilder(method.text() + ' ' + route)
                        .setSpanKind(SpanKind.SERVER)
                        .setParent(
                                TraceContext.of(request)
                                        .map(sent -> context(sent.attributes()))
                                        .orElse(Context.root()))
                        .setAttribute(METHOD, method.text())
                        .setAttribute(ROUTE, route)
                        .setAttribute(PATH, path)
                        .startSpan();
        if (span.getSpanContext().isSampled()) {
            request.context().register(traceContext(span));
        }
        try {
            chain.proceed();
        } finally {
            int status = response.status().code();
            span.setAttribute(STATUS, (long) status);
            if (status >= FIRST_ERROR) {
                span.setStatus(StatusCode.ERROR);
                span.setAttribute(ERROR, Integer.toString(status));
            }
            span.end();
        }
    }

    private static String route(Method method, String path) {
        if (method.equals(Method.POST) && path.equals(BATCH)) {
            return BATCH;
        }
        boolean changes = method.equals(Method.POST) || method.equals(Method.DELETE);
        return changes && path.startsWith(EVENTS) ? EVENTS + "{topic}" : "";
    }

    /** {@return the trace that the events of {@code request} belong to} */
    public Optional<TraceContext> of(ServerRequest request) {
        return request.context().get(TraceContext.class).or(() -> TraceContext.of(request));
    }

    /**
     * A client publishes an event on a connection of its own. See {@link EventSpans#begin}.
     *
     * <p>An event that has as many attributes as it may have does not say which trace it belongs
     * to.
     */
    public EventSpans.Begun begin(String topic, Message message) {
        Span span =
                tracer.spanBuilder("client publish")
                        .setSpanKind(SpanKind.SERVER)
                        .setParent(context(message.attributes().toMap()))
                        .setAttribute(TOPIC, topic)
                        .startSpan();
        Message traced = span.getSpanContext().isSampled() ? traced(message, span) : message;
        return new EventSpans.Begun(traced, failure -> end(span, failure));
    }

    private static Message traced(Message message, Span span) {
        Map<String, String> attributes = new HashMap<>(message.attributes().toMap());
        attributes.putAll(traceContext(span).attributes());
        try {
            return Message.builder(message.data())
                    .id(message.id())
                    .type(message.type())
                    .key(message.key())
                    .attributes(Attributes.of(attributes))
                    .end(message.end())
                    .build();
        } catch (IllegalArgumentException _) {
            return message;
        }
    }

    @Override
    public BrokerSpan begin(String operation, String topic, Attributes attributes) {
        if (attributes.get(Attributes.TRACEPARENT).isEmpty()) {
            return BrokerSpan.NONE;
        }
        Span span =
                tracer.spanBuilder("broker " + operation)
                        .setSpanKind(SpanKind.PRODUCER)
                        .setParent(context(attributes.toMap()))
                        .setAttribute(SYSTEM, brokerType)
                        .setAttribute(OPERATION, operation)
                        .startSpan();
        if (!topic.isEmpty()) {
            span.setAttribute(TOPIC, topic);
        }
        return failure -> end(span, failure);
    }

    private static void end(Span span, @Nullable RuntimeException failure) {
        boolean faultOfTheClient =
                failure instanceof ProblemException refused
                        && refused.problem().status() < FIRST_ERROR;
        if (failure != null && !faultOfTheClient) {
            span.setStatus(StatusCode.ERROR);
            span.setAttribute(ERROR, failure.getClass().getSimpleName());
        }
        span.end();
    }

    private static Context context(Map<String, String> attributes) {
        return W3CTraceContextPropagator.getInstance().extract(Context.root(), attributes, GETTER);
    }

    private static TraceContext traceContext(Span span) {
        Map<String, String> carrier = new HashMap<>();
        W3CTraceContextPropagator.getInstance()
                .inject(
                        Context.root().with(span),
                        carrier,
                        (map, key, value) -> {
                            if (map != null) {
                                map.put(key, value);
                            }
                        });
        return new TraceContext(
                carrier.getOrDefault(Attributes.TRACEPARENT, ""),
                carrier.getOrDefault(Attributes.TRACESTATE, ""));
    }

    /** Sends what has been recorded, for a few seconds at most. */
    @Override
    public void close() {
        var _ = provider.shutdown().join(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
    }
}
