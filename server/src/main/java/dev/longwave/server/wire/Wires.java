package dev.longwave.server.wire;

import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http2.Http2Config;
import java.time.Duration;

/** Sets a listener up for streams, and counts its connections. */
public final class Wires {

    /**
     * Above the limit that answers with words: how many more connections may be told so at a time.
     */
    private static final int REFUSED_AT_A_TIME = 256;

    private final ConnectionLimits limits;
    private final int maxConnections;
    private final Http1Config http1;
    private final Http2Config http2;

    /**
     * @param maxConnections how many connections there may be, 1 or more
     * @param maxConnectionsPerAddress how many of them from one address; 0 for no limit
     * @param maxStreamsPerConnection how many requests one HTTP/2 connection may have open
     * @param writeDeadline how long HTTP/2 flow control may hold up a write
     */
    public Wires(
            int maxConnections,
            int maxConnectionsPerAddress,
            int maxStreamsPerConnection,
            Duration writeDeadline) {
        this.maxConnections = maxConnections;
        this.limits = new ConnectionLimits(maxConnections, maxConnectionsPerAddress);
        this.http1 = Http1Config.builder().sendKeepAliveHeader(false).build();
        this.http2 =
                Http2Config.builder()
                        .maxConcurrentStreams(maxStreamsPerConnection)
                        .flowControlTimeout(writeDeadline)
                        .build();
    }

    /** Configures how connections are recognised, handled and bounded. */
    public void configure(ListenerConfig.BuilderBase<?, ?> listener) {
        listener.protocolsDiscoverServices(false)
                .addConnectionSelector(new Http2Selector(http2, limits))
                .addConnectionSelector(new Http1Selector(http1, http2, limits))
                .maxTcpConnections(
                        (int)
                                Math.min(
                                        (long) maxConnections + REFUSED_AT_A_TIME,
                                        Integer.MAX_VALUE));
    }

    /** {@return how many connections there are} */
    public int connections() {
        return limits.total();
    }
}
