package dev.longwave.server.wire;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.http2.Http2Util;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds out which protocol a client speaks, and has Helidon's engine for it serve it. */
final class Protocols {

    private static final byte[] HTTP_2_PREFACE = Http2Util.prefaceData().readBytes();

    private final ServerConnectionSelector http1;
    private final ServerConnectionSelector http2;
    private final int maxRequestLine;
    private final ListenerContext listener;
    private final Router router;

    Protocols(Http1Config http1, Http2Config http2, ListenerContext listener, Router router) {
        this.http1 =
                Http1ConnectionSelector.builder()
                        .config(http1)
                        .addUpgrader(new H2cUpgrader(http2))
                        .build();
        this.http2 = Http2ConnectionSelector.builder().http2Config(http2).build();
        this.maxRequestLine = http1.maxPrologueLength();
        this.listener = listener;
        this.router = router;
    }

    /**
     * Waits for a client of which nothing was read yet to say enough, and consumes none of it.
     *
     * @param reading waits for bytes of {@code socket}; null at their end
     * @return empty if the client left without a word
     */
    Optional<Wire> identify(ChannelSocket socket, Supplier<byte @Nullable []> reading) {
        Wire wire = Wire.open(socket, DataReader.create(reading), listener, router);
        DataReader reader = wire.dataReader();
        try {
            int length = 1;
            while (true) {
                byte[] seen = reader.getBuffer(length).readBytes();
                int compared = Math.min(seen.length, HTTP_2_PREFACE.length);
                if (!Arrays.equals(seen, 0, compared, HTTP_2_PREFACE, 0, compared)) {
                    return Optional.of(Http10.translated(wire, maxRequestLine));
                }
                if (compared == HTTP_2_PREFACE.length) {
                    return Optional.of(wire.http2());
                }
                length = Math.max(reader.available(), length + 1);
            }
        } catch (DataReader.InsufficientDataAvailableException _) {
            return Optional.empty();
        }
    }

    /** An engine that serves {@code wire}. */
    ServerConnection engine(Wire wire) {
        return wire.protocol() == Wire.Protocol.HTTP_2
                ? http2.connection(wire)
                : http1.connection(wire);
    }
}
