package dev.longwave.server.net.helidon;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2Upgrader;
import io.helidon.webserver.spi.ServerConnection;
import org.jspecify.annotations.Nullable;

/** Upgrades HTTP/1.1 to HTTP/2 without TLS: RFC 7540, section 3.2. */
final class H2cUpgrader implements Http1Upgrader {

    private static final HeaderName SETTINGS = HeaderNames.create("HTTP2-Settings");

    private final Http2Upgrader upgrader;

    H2cUpgrader(Http2Config config) {
        this.upgrader = Http2Upgrader.create(config);
    }

    @Override
    public String supportedProtocol() {
        return "h2c";
    }

    /** The HTTP/2 connection, or null to go on with HTTP/1.1. */
    @Override
    public @Nullable ServerConnection upgrade(
            ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
        // The token is for connections without TLS; there, a client chooses by ALPN.
        if (!headers.contains(SETTINGS) || context.isSecure()) {
            return null;
        }
        return upgrader.upgrade(((EngineContext) context).http2(), prologue, headers);
    }
}
