package dev.longwave.testing;

import dev.longwave.broker.testing.Ending;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.Map;

/** The ways to a stream without TLS, each on a connection of its own. */
public enum Protocol implements Transport {
    /** HTTP/1.1. */
    HTTP_1 {
        @Override
        public Exchange get(URI uri, Map<String, String> headers) throws IOException {
            return Http1Exchange.get(uri, headers);
        }
    },

    /** HTTP/2 with prior knowledge: RFC 9113, section 3.3. */
    HTTP_2 {
        @Override
        public Exchange get(URI uri, Map<String, String> headers) throws IOException {
            Http2Connection connection = Http2Connection.open(uri);
            try {
                return alone(connection.get(uri, headers));
            } catch (IOException e) {
                connection.close();
                throw e;
            }
        }
    },

    /** HTTP/2 by upgrade from HTTP/1.1: RFC 7540, section 3.2. */
    HTTP_2_UPGRADE {
        @Override
        public Exchange get(URI uri, Map<String, String> headers) throws IOException {
            return alone(Http2Connection.upgrade(uri, headers));
        }
    },

    /** A WebSocket of the raw endpoint, with envelopes, which reads as an event stream here. */
    WEBSOCKET {
        @Override
        public Exchange get(URI uri, Map<String, String> headers) throws IOException {
            return WebSocketExchange.get(uri, headers);
        }
    },

    /**
     * A client of the Centrifuge protocol over a WebSocket, which reads as an event stream here.
     * Its event ids are {@link CentrifugePosition}s.
     */
    CENTRIFUGE {
        @Override
        public Exchange get(URI uri, Map<String, String> headers) throws IOException {
            return CentrifugeExchange.get(uri, headers);
        }
    };

    private static final int CONNECT_MILLIS = 10_000;

    /** Eight heartbeats of a server with default settings. */
    private static final int SILENCE_MILLIS = 120_000;

    static Socket connect(URI uri) throws IOException {
        var socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(SILENCE_MILLIS);
            socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), CONNECT_MILLIS);
            return socket;
        } catch (IOException e) {
            Ending.FIN.end(socket);
            throw e;
        }
    }

    /** What a request names of {@code uri}: its path and query, encoded. */
    static String target(URI uri) {
        String query = uri.getRawQuery();
        return query == null ? uri.getRawPath() : uri.getRawPath() + '?' + query;
    }

    private static Exchange alone(Http2Stream stream) {
        return new Exchange() {
            @Override
            public ResponseHead head() throws IOException {
                return stream.head();
            }

            @Override
            public InputStream body() {
                return stream.body();
            }

            @Override
            public void close() {
                stream.close();
                stream.connection().close();
            }
        };
    }
}
