package dev.longwave.server.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.server.RawStream;
import dev.longwave.server.TestServer;
import dev.longwave.testing.HaProxy;
import dev.longwave.testing.Nginx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real proxies say whose requests they pass on. Clients differ in their loopback addresses. */
final class ClientAddressIT {

    private static final String[] ONE_STREAM_FOR_EACH_CLIENT = {
        "auth.rules.all.who=anonymous",
        "auth.rules.all.topics=**",
        "net.trusted-proxies=127.0.0.1",
        "limits.streams-per-client=1"
    };

    private static RawStream stream(String from, int port, String... headers) throws IOException {
        var socket =
                new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.ofLiteral(from), 0);
        return new RawStream(socket, "GET /events/a HTTP/1.1", headers);
    }

    private static void tellsClientsApart(int port, String... headers) throws IOException {
        try (RawStream one = stream("127.0.0.2", port, headers);
                RawStream other = stream("127.0.0.3", port, headers)) {
            assertThat(one.head().getFirst()).contains("200");
            assertThat(other.head().getFirst()).contains("200");
            try (RawStream another = stream("127.0.0.3", port, headers)) {
                assertThat(another.head().getFirst()).contains("429");
            }
        }
    }

    @Test
    void nginxSaysItInXForwardedFor() throws Exception {
        try (TestServer server = TestServer.with(ONE_STREAM_FOR_EACH_CLIENT);
                Nginx nginx =
                        Nginx.start(
                                "",
                                """
                                location / {
                                    proxy_pass http://127.0.0.1:%d;
                                    proxy_http_version 1.1;
                                    proxy_set_header Connection '';
                                    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                                    proxy_set_header X-Forwarded-Proto $scheme;
                                }
                                """
                                        .formatted(server.port()))) {
            tellsClientsApart(nginx.port(), "X-Forwarded-For: 192.0.2.66, nonsense");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"send-proxy", "send-proxy-v2", "send-proxy-v2 check inter 1s"})
    void haproxySaysItInFrontOfTheConnection(String option) throws Exception {
        try (TestServer server =
                        TestServer.with(
                                "net.trusted-proxies=127.0.0.1",
                                "net.proxy-protocol=true",
                                "limits.connections-per-address=1");
                HaProxy haproxy = HaProxy.start("", option, server.port())) {
            tellsClientsApart(haproxy.port(), "X-Forwarded-For: 192.0.2.66");
        }
    }

    @Test
    void haproxySaysItInForwarded() throws Exception {
        var settings = new ArrayList<>(List.of(ONE_STREAM_FOR_EACH_CLIENT));
        settings.add("net.forwarded-field=forwarded");
        try (TestServer server = TestServer.with(settings.toArray(String[]::new));
                HaProxy haproxy =
                        HaProxy.start(
                                "\n    http-request add-header Forwarded for=%[src];proto=http",
                                "", server.port())) {
            tellsClientsApart(haproxy.port(), "Forwarded: for=192.0.2.66");
        }
    }
}
