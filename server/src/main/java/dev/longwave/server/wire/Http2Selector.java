package dev.longwave.server.wire;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.util.Set;

/** Serves HTTP/2 with prior knowledge, or by ALPN, through Helidon. */
final class Http2Selector implements ServerConnectionSelector {

    private final ServerConnectionSelector http2;
    private final ConnectionLimits limits;

    Http2Selector(Http2Config config, ConnectionLimits limits) {
        this.http2 = Http2ConnectionSelector.builder().http2Config(config).build();
        this.limits = limits;
    }

    @Override
    public int bytesToIdentifyConnection() {
        return http2.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
        return http2.supports(data);
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return http2.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
        Wire wire = Wire.http2(context);
        return new WireConnection(wire, http2.connection(wire), limits);
    }
}
