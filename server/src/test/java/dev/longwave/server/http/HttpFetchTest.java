package dev.longwave.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

final class HttpFetchTest {

    @Test
    void asksForNoUpgrade() throws Exception {
        Queue<Headers> received = new ConcurrentLinkedQueue<>();
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        received.add(exchange.getRequestHeaders());
                        exchange.sendResponseHeaders(204, -1);
                    }
                });
        server.start();
        try (var fetch = new HttpFetch(Duration.ofMinutes(5), 100)) {
            URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());

            fetch.get(uri, Map.of());
            fetch.post(uri, Map.of(), new byte[] {'{', '}'});
        } finally {
            server.stop(0);
        }

        assertThat(received)
                .hasSize(2)
                .noneMatch(headers -> headers.containsKey("Upgrade"))
                .noneMatch(headers -> headers.containsKey("HTTP2-Settings"));
    }
}
