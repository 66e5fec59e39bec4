package dev.longwave.server.ops;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.core.TopicFigures;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Parameters;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.Responses;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.http.sse.SseEvent;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.sse.SseSink;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * {@code GET /figures}: the node's own figures, as a stream with an event for each sample, or as
 * one JSON object for a client that asks for JSON.
 */
public final class FiguresHandler implements Handler {

    /** Bounds the threads and sockets that watching can take. */
    static final int MAX_STREAMS = 16;

    private static final String EVENT = "figures";
    private static final String ONCE = "once";
    private static final String TOPICS = "topics";

    /** The parameters of a request. */
    public static final Parameters PARAMETERS = Parameters.of(ONCE, TOPICS);

    private static final int MAX_TOPICS = 1000;

    private final FiguresSampler sampler;
    private final BrokerHealth broker;
    private final ClusterNodes nodes;
    private final IntFunction<List<TopicFigures>> busiest;

    /**
     * A handler of the samples of {@code sampler}.
     *
     * @param broker the broker, whose state the figures include
     * @param nodes the nodes that share it
     * @param busiest gives the topics with the most subscribers, as many as wanted
     */
    public FiguresHandler(
            FiguresSampler sampler,
            BrokerHealth broker,
            ClusterNodes nodes,
            IntFunction<List<TopicFigures>> busiest) {
        this.sampler = sampler;
        this.broker = broker;
        this.nodes = nodes;
        this.busiest = busiest;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        // HEAD is answered for the object: a stream's headers cannot be sent without a stream here.
        if (request.prologue().method().equals(Method.HEAD) || wantsJson(request)) {
            json(request, response);
        } else {
            stream(request, response);
        }
    }

    /** Responds with the present figures as one JSON object; with topics, if they are wanted. */
    public void json(ServerRequest request, ServerResponse response) {
        Query query = Query.of(request);
        ObjectNode document = json(sampler.current());
        if (query.contains(TOPICS)) {
            ArrayNode topics = document.putArray("busiest");
            busiest.apply(query.number(TOPICS, 1, MAX_TOPICS))
                    .forEach(topic -> topics.add(json(topic)));
        }
        Responses.json(request, response, Status.OK_200.code(), document);
    }

    private ObjectNode json(FiguresSample sample) {
        ObjectNode document = sample.json(broker);
        document.set("nodes", nodes.json());
        return document;
    }

    private static ObjectNode json(TopicFigures topic) {
        Instant last = topic.lastEvent();
        return Json.object()
                .put("topic", topic.name())
                .put("subscribers", topic.subscribers())
                .put("events", topic.events())
                .put("lastEvent", last == null ? null : last.toString());
    }

    private void stream(ServerRequest request, ServerResponse response) {
        FiguresSampler.Watch watch =
                sampler.watch(MAX_STREAMS)
                        .orElseThrow(() -> Problem.tooManyFigureStreams(MAX_STREAMS).exception());
        try (watch;
                SseSink sink = response.sink(SseSink.TYPE)) {
            for (Optional<FiguresSample> sample = watch.next();
                    sample.isPresent();
                    sample = watch.next()) {
                sink.emit(event(sample.get()));
                RequestDeadlines.progress(request);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CloseConnectionException("interrupted while it waits for figures", e);
        }
    }

    private SseEvent event(FiguresSample sample) {
        return SseEvent.builder().name(EVENT).data(Json.bytes(json(sample))).build();
    }

    private static boolean wantsJson(ServerRequest request) {
        return Query.of(request).contains(ONCE)
                || (names(request, "application/json") && !names(request, "text/event-stream"));
    }

    /**
     * Whether the client names {@code type}, not only a range that includes it. What it says beside
     * that is of no interest, and need not be valid.
     */
    private static boolean names(ServerRequest request, String type) {
        return request.headers().contains(HeaderNames.ACCEPT)
                && request.headers().get(HeaderNames.ACCEPT).allValues().stream()
                        .flatMap(value -> Stream.of(value.split(",", -1)))
                        .map(range -> range.split(";", 2)[0].strip())
                        .anyMatch(type::equalsIgnoreCase);
    }
}
