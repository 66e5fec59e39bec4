package dev.longwave.server;

import dev.longwave.broker.BrokerState;
import dev.longwave.core.Hub;
import dev.longwave.server.hooks.Hooks;
import dev.longwave.server.http.RefusalCounts;
import dev.longwave.server.net.ClientFaults;
import dev.longwave.server.net.ConnectionCounts;
import dev.longwave.server.net.Listener;
import dev.longwave.server.net.MemoryBudget;
import dev.longwave.server.net.Protocol;
import dev.longwave.server.ops.AccessLog;
import dev.longwave.server.ops.BrokerHealth;
import dev.longwave.server.ops.BrokerProbe;
import dev.longwave.server.ops.ClusterNodes;
import dev.longwave.server.ops.Metrics;
import dev.longwave.server.ops.ProcessFigures;
import dev.longwave.server.session.Reconnects;
import dev.longwave.server.session.SessionFigures;
import dev.longwave.server.session.Sessions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The metrics of one node: the one place that names them. docs/operations.md lists them. */
final class NodeMetrics {

    private final Metrics metrics;
    private volatile SessionFigures streams; // as they are while metrics are read

    NodeMetrics(Metrics metrics, Sessions sessions) {
        this.metrics = metrics;
        this.streams = sessions.figures();
        metrics.prepare(() -> streams = sessions.figures());
        ofStreams(sessions);
    }

    private void ofStreams(Sessions sessions) {
        metrics.gauges(
                        "longwave_streams",
                        "Open streams.",
                        "transport",
                        () -> byTransport(SessionFigures.Kind::open))
                .counters(
                        "longwave_streams_opened_total",
                        "Streams that were opened.",
                        "transport",
                        () -> byTransport(SessionFigures.Kind::opened))
                .counters(
                        "longwave_streams_ended_total",
                        "Streams that have ended, by the reason.",
                        "reason",
                        this::ended)
                .counters(
                        "longwave_deliveries_total",
                        "Events that were handed to streams, counted once per stream.",
                        "transport",
                        () -> byTransport(SessionFigures.Kind::deliveries))
                .counters(
                        "longwave_stream_bytes_total",
                        "Bytes that were written to the clients of streams.",
                        "transport",
                        () -> byTransport(SessionFigures.Kind::bytes))
                .gauge(
                        "longwave_waiting_events",
                        "Events that wait in the logs of topics until clients have read what came"
                                + " before.",
                        () -> streams.waiting())
                .gauge(
                        "longwave_waiting_events_max",
                        "The most of them that wait for one stream.",
                        () -> streams.longestWaiting())
                .gauge(
                        "longwave_waiting_bytes",
                        "Bytes that wait to be written beside events, such as answers.",
                        () -> streams.waitingBytes())
                .gauge(
                        "longwave_streams_replaying",
                        "Open streams that read history.",
                        () -> streams.replaying())
                .counter(
                        "longwave_write_stalls_total",
                        "Direct writes of which a client did not take all.",
                        () -> streams.stalls())
                .gauge(
                        "longwave_draining",
                        "1 while the node ends all streams, and opens no more.",
                        () -> sessions.draining() ? 1 : 0);
    }

    private Map<String, Long> byTransport(ToLongFunction<SessionFigures.Kind> value) {
        Map<String, Long> values = new HashMap<>();
        streams.byTransport()
                .forEach((transport, kind) -> values.put(transport, value.applyAsLong(kind)));
        return values;
    }

    private Map<String, Long> ended() {
        Map<String, Long> values = new HashMap<>();
        streams.ended().forEach((reason, count) -> values.put(reason.word(), count));
        return values;
    }

    NodeMetrics with(Reconnects reconnects) {
        metrics.gauge(
                "longwave_retry_seconds",
                "How long clients whose streams end are told to wait at most before they"
                        + " reconnect.",
                () -> reconnects.longestMillis() / 1e3);
        return this;
    }

    NodeMetrics with(Hub hub) {
        metrics.gauge(
                        "longwave_topics",
                        "Topics and patterns that the node follows.",
                        hub::topicCount)
                .gauge(
                        "longwave_subscriptions",
                        "Topics and patterns of all open streams, counted once per stream.",
                        hub::subscriptionCount)
                .counter(
                        "longwave_events_total",
                        "Events that the node has received from the broker.",
                        hub::events)
                .counters(
                        "longwave_gaps_total",
                        "Gaps that streams were told of, counted once per stream.",
                        "reason",
                        () -> gaps(hub))
                .counter(
                        "longwave_lapped_readers_total",
                        "How often a stream fell so far behind that the topic's log had moved on.",
                        hub::lappedReaders)
                .counter(
                        "longwave_history_pages_total",
                        "Pages of history that were read for streams.",
                        hub::historyPages)
                .gauge(
                        "longwave_replays_waiting",
                        "Streams that wait until their page of history can be read.",
                        hub::waitingReplays);
        return this;
    }

    private static Map<String, Long> gaps(Hub hub) {
        Map<String, Long> values = new HashMap<>();
        hub.gapsByReason().forEach((reason, count) -> values.put(reason.word(), count));
        return values;
    }

    NodeMetrics with(Listener listener) {
        ConnectionCounts counts = listener.counts();
        metrics.counter(
                        "longwave_connections_accepted_total",
                        "Connections that were accepted, also those that were then refused.",
                        counts::accepted)
                .gauges(
                        "longwave_connections",
                        "Open connections of the public listener that have begun to speak, by"
                                + " protocol.",
                        "protocol",
                        () -> connections(counts));
        return this;
    }

    private static Map<String, Long> connections(ConnectionCounts counts) {
        Map<String, Long> values = new HashMap<>();
        for (ConnectionCounts.Kind kind : counts.kinds()) {
            String protocol = kind.protocol() == Protocol.HTTP_1 ? "http1" : "http2";
            values.put(kind.encrypted() ? protocol + "-tls" : protocol, (long) kind.open());
        }
        return values;
    }

    NodeMetrics with(ClientFaults faults, RefusalCounts refusals) {
        metrics.counters(
                        "longwave_client_faults_total",
                        "What clients did wrong before their request was one, by kind.",
                        "kind",
                        () -> faults(faults))
                .counters(
                        "longwave_refusals_total",
                        "Problems that clients were answered with, by the rule that was broken:"
                                + " sign-in, permissions, limits, and rates among them.",
                        "rule",
                        refusals::totals);
        return this;
    }

    private static Map<String, Long> faults(ClientFaults faults) {
        Map<String, Long> values = new HashMap<>();
        faults.totals().forEach((kind, count) -> values.put(kind.word(), count));
        return values;
    }

    NodeMetrics with(BrokerHealth health, BrokerProbe probe, InstantSource clock) {
        metrics.gauges(
                        "longwave_broker_state",
                        "1 for the state that the broker is in.",
                        "state",
                        () -> states(health))
                .gauge(
                        "longwave_broker_state_seconds",
                        "For how long the broker has been in this state.",
                        () ->
                                Duration.between(health.condition().since(), clock.instant())
                                                .toMillis()
                                        / 1e3)
                .gauge(
                        "longwave_broker_deaf",
                        "1 while the node does not hear what it says to itself through the broker.",
                        () -> probe.deaf() ? 1 : 0)
                .gauge(
                        "longwave_broker_probe_seconds",
                        "How long what it said last took to come back.",
                        probe::roundTripSeconds);
        return this;
    }

    NodeMetrics with(ClusterNodes nodes) {
        metrics.gauge(
                "longwave_nodes",
                "Nodes that share the broker, as far as this one knows, and itself.",
                () -> nodes.list().size());
        return this;
    }

    private static Map<String, Long> states(BrokerHealth health) {
        Map<String, Long> values = new HashMap<>();
        for (BrokerState state : BrokerState.values()) {
            values.put(BrokerHealth.word(state), health.condition().state() == state ? 1L : 0L);
        }
        return values;
    }

    /** What there is a limit for, by the setting. */
    NodeMetrics with(
            ServerSettings settings,
            Listener listener,
            Hub hub,
            MemoryBudget requests,
            MemoryBudget responses) {
        metrics.gauges(
                        "longwave_limit",
                        "The most that there may be of something on this node, by setting.",
                        "setting",
                        () ->
                                Map.of(
                                        "limits.connections",
                                        settings.connections().max(),
                                        "limits.request-bytes",
                                        requests.max(),
                                        "limits.response-bytes",
                                        responses.max(),
                                        "hub.max-replays",
                                        settings.hub().maxReplays()))
                .gauges(
                        "longwave_limit_used",
                        "How much of it there is.",
                        "setting",
                        () ->
                                Map.of(
                                        "limits.connections",
                                        listener.connections(),
                                        "limits.request-bytes",
                                        requests.taken(),
                                        "limits.response-bytes",
                                        responses.taken(),
                                        "hub.max-replays",
                                        hub.runningReplays()));
        return this;
    }

    NodeMetrics with(Hooks hooks) {
        metrics.counter(
                        "longwave_hooks_told_total",
                        "Events that the application was told of.",
                        hooks::told)
                .counter(
                        "longwave_hooks_dropped_total",
                        "Events that it was not told of, as it did not answer in time.",
                        hooks::dropped);
        return this;
    }

    NodeMetrics with(@Nullable AccessLog log) {
        metrics.counter(
                "longwave_access_log_dropped_total",
                "Lines of the access log that were lost.",
                () -> log == null ? 0 : log.dropped());
        return this;
    }

    void info(String brokerType) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("version", ProcessFigures.VERSION);
        labels.put("broker", brokerType);
        metrics.info("longwave_info", "1, with what the node is.", labels);
    }
}
