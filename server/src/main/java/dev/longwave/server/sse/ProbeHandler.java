package dev.longwave.server.sse;

import dev.longwave.server.http.Fields;
import dev.longwave.server.http.Parameters;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.StreamHeaders;
import dev.longwave.server.http.TrustedProxies;
import dev.longwave.server.net.ResponseStream;
import dev.longwave.server.net.helidon.Exchange;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * {@code GET /probe}: an event stream by which {@code longwave doctor} sees what is done to streams
 * between a client and this server. It needs no right, lasts at most 140 seconds, and there are few
 * at a time. Safe for many threads.
 */
public final class ProbeHandler implements Handler, AutoCloseable {
    /*
     * It tells a client only what the client, or a proxy in front of the server, has sent, and the clock, which the Date
     * header tells, too. No address is repeated, and no value but the host, if it looks like one.
     */
    /** The parameters of a request. */
    public static final Parameters PARAMETERS =
            Parameters.of("events", "intervalMillis", "holdSeconds");

    private static final int MAX_PROBES = 64;
    private static final int MAX_PROBES_PER_ADDRESS = 8;
    private static final int MAX_FIELDS = 99;
    private static final String EVENT_STREAM = "text/event-stream";
    private static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");
    private static final HeaderName VIA = HeaderNames.create("Via");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.\\-_:\\[\\]]{1,255}");

    private final TrustedProxies proxies;
    private final Duration heartbeatInterval;
    private final InstantSource clock;
    private final Set<Probe> running = ConcurrentHashMap.newKeySet();
    private final Map<InetAddress, Integer> counts = new HashMap<>(); // guarded by this
    private int count; // likewise

    /**
     * A handler.
     *
     * @param heartbeatInterval that of this server's streams
     */
    public ProbeHandler(TrustedProxies proxies, Duration heartbeatInterval, InstantSource clock) {
        this.proxies = proxies;
        this.heartbeatInterval = heartbeatInterval;
        this.clock = clock;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        var plan = Probe.Plan.of(Query.of(request));
        var from =
                Probe.Place.after(
                        Fields.values(request, LAST_EVENT_ID).stream().findFirst().orElse(""));
        String seen = seen(request);
        InetAddress client = proxies.client(request).network();
        take(client);
        var probe = new Probe(plan, heartbeatInterval, clock);
        ResponseStream stream;
        try {
            StreamHeaders.set(response, EVENT_STREAM);
            stream = Exchange.of(request).takeOver(response);
        } catch (RuntimeException e) {
            giveBack(client);
            throw e;
        }
        stream.serve(() -> {
            running.add(probe);
            try {
                return probe.serve(stream, from, seen);
            } finally {
                running.remove(probe);
                giveBack(client);
            }
        });
    }

    /** Answers {@code HEAD}: with the headers of a probe, without beginning one. */
    public void head(ServerRequest request, ServerResponse response) {
        var _ = Probe.Plan.of(Query.of(request));
        StreamHeaders.set(response, EVENT_STREAM);
        ResponseStream stream = Exchange.of(request).takeOver(response);
        stream.serve(() -> {
            stream.endpoint().write(ByteBuffer.wrap(stream.head()));
            stream.endpoint().close();
            return true;
        });
    }

    /** The members of a JSON object: what the server has seen of the request. */
    private String seen(ServerRequest request) {
        int forwarded =
                elements(request, HeaderNames.X_FORWARDED_FOR)
                        + elements(request, HeaderNames.FORWARDED);
        return ("\"protocol\":\"%s\",\"tls\":%s,\"host\":\"%s\",\"forwarded\":%d,\"via\":%d,"
                        + "\"trustedProxy\":%s,\"lastEventId\":%s,\"heartbeatMillis\":%d")
                .formatted(
                        Exchange.of(request).protocol(),
                        request.isSecure(),
                        host(request),
                        forwarded,
                        elements(request, VIA),
                        proxies.isProxy(request),
                        request.headers().contains(LAST_EVENT_ID),
                        heartbeatInterval.toMillis());
    }

    private static int elements(ServerRequest request, HeaderName name) {
        List<String> values = Fields.values(request, name);
        long separators = values.stream().flatMapToInt(String::chars).filter(c -> c == ',').count();
        return (int) Math.min(MAX_FIELDS, values.size() + separators);
    }

    private static String host(ServerRequest request) {
        String host = request.authority();
        return HOST.matcher(host).matches() ? host : "";
    }

    private synchronized void take(InetAddress client) {
        int own = counts.getOrDefault(client, 0);
        if (own >= MAX_PROBES_PER_ADDRESS || count >= MAX_PROBES) {
            throw Problem.tooManyProbes(
                            own >= MAX_PROBES_PER_ADDRESS ? MAX_PROBES_PER_ADDRESS : MAX_PROBES)
                    .exception();
        }
        counts.put(client, own + 1);
        count++;
    }

    private synchronized void giveBack(InetAddress client) {
        counts.computeIfPresent(client, (_, own) -> own == 1 ? null : own - 1);
        count--;
    }

    /** Ends the probes. */
    @Override
    public void close() {
        running.forEach(Probe::end);
    }
}
