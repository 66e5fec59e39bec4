package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.server.net.TestCertificate;
import dev.longwave.testing.SignedToken;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients are told apart by what trusted proxies say of them, and by nothing that others say. */
final class ForwardedIT {

    private static final String[] ONE_STREAM_FOR_EACH_CLIENT = {
        "auth.rules.all.who=anonymous",
        "auth.rules.all.topics=**",
        "auth.jwt.secret=" + SignedToken.SECRET,
        "auth.cookie=token",
        "limits.streams-per-client=1"
    };

    @TempDir private Path folder;
    private final List<RawStream> open = new ArrayList<>();
    private TestServer server = behindProxies();

    private static TestServer behindProxies(String... more) {
        var settings = new ArrayList<>(List.of(ONE_STREAM_FOR_EACH_CLIENT));
        settings.add("net.trusted-proxies=127.0.0.1,10.0.0.0/8");
        settings.addAll(List.of(more));
        return TestServer.with(settings.toArray(String[]::new));
    }

    @AfterEach
    void close() throws Exception {
        for (RawStream stream : open) {
            stream.close();
        }
        server.close();
    }

    private void serveWith(String... settings) {
        server.close();
        server = behindProxies(settings);
    }

    /** Opens a stream with these header fields, and leaves it open. */
    private int stream(String... headers) throws Exception {
        RawStream stream = RawStream.subscribe(server.port(), "/events/a", headers);
        open.add(stream);
        return code(stream);
    }

    private static int code(RawStream stream) {
        return Integer.parseInt(stream.head().getFirst().split(" ", 3)[1]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "192.0.2.7",
                "6.6.6.6, 192.0.2.7",
                "6.6.6.6,192.0.2.7,10.1.2.3",
                "nonsense, 192.0.2.7, 10.1.2.3, 127.0.0.1",
                " , 192.0.2.7 ,, 10.1.2.3,",
                "192.0.2.7:4711",
                "[::ffff:192.0.2.7]:4711"
            })
    void takesTheLastAddressThatIsNotAProxys(String chain) throws Exception {
        assertThat(stream("X-Forwarded-For: 192.0.2.7")).isEqualTo(200);

        assertThat(stream("X-Forwarded-For: " + chain)).isEqualTo(429);
    }

    @Test
    void joinsTheFieldsOfOneRequest() throws Exception {
        assertThat(stream("X-Forwarded-For: 192.0.2.7")).isEqualTo(200);

        assertThat(stream("X-Forwarded-For: 192.0.2.7", "X-Forwarded-For: 10.1.2.3"))
                .isEqualTo(429);
        assertThat(stream("X-Forwarded-For: 192.0.2.7", "X-Forwarded-For: 192.0.2.8"))
                .isEqualTo(200);
    }

    @Test
    void tellsClientsApart() throws Exception {
        assertThat(stream("X-Forwarded-For: 192.0.2.7")).isEqualTo(200);
        assertThat(stream("X-Forwarded-For: 192.0.2.8")).isEqualTo(200);
        assertThat(stream("X-Forwarded-For: 192.0.2.7, 192.0.2.9")).isEqualTo(200);
        assertThat(stream("X-Forwarded-For: 2001:db8::1")).isEqualTo(200);
    }

    @Test
    void countsANetworkOfIpv6AsOneClient() throws Exception {
        assertThat(stream("X-Forwarded-For: 2001:db8:0:1::1")).isEqualTo(200);

        assertThat(stream("X-Forwarded-For: [2001:db8:0:1:ffff::2]:443")).isEqualTo(429);
        assertThat(stream("X-Forwarded-For: 2001:db8:0:2::1")).isEqualTo(200);
    }

    @Test
    void takesTheProxyForItsOwnClient() throws Exception {
        assertThat(stream()).isEqualTo(200);

        assertThat(stream("X-Forwarded-For: unknown")).isEqualTo(429);
        assertThat(stream("X-Forwarded-For: 127.0.0.1")).isEqualTo(429);
    }

    @Test
    void ignoresTheFieldThatIsNotConfigured() throws Exception {
        assertThat(stream("X-Forwarded-For: 192.0.2.7", "Forwarded: for=192.0.2.1")).isEqualTo(200);

        assertThat(stream("X-Forwarded-For: 192.0.2.7", "Forwarded: for=192.0.2.2")).isEqualTo(429);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-forwarded-for", "forwarded", "none"})
    void believesNobodyElse(String field) throws Exception {
        server.close();
        var settings = new ArrayList<>(List.of(ONE_STREAM_FOR_EACH_CLIENT));
        settings.add("net.trusted-proxies=10.0.0.0/8");
        settings.add("net.forwarded-field=" + field);
        server = TestServer.with(settings.toArray(String[]::new));

        assertThat(stream("X-Forwarded-For: 192.0.2.7", "Forwarded: for=192.0.2.7")).isEqualTo(200);
        assertThat(stream("X-Forwarded-For: 192.0.2.8", "Forwarded: for=192.0.2.8")).isEqualTo(429);
        assertThat(stream("X-Forwarded-For: nonsense", "Forwarded: nonsense")).isEqualTo(429);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "for=192.0.2.7",
                "For=\"192.0.2.7:4711\";proto=https;by=10.1.2.3",
                "for=6.6.6.6, for=192.0.2.7",
                "for=192.0.2.7, for=10.1.2.3;host=\"a,b;c\"",
                "for=\"_hidden\", for=192.0.2.7, , for=\"10.1.2.3\"",
                "for=\"\\192.0.2.7\""
            })
    void readsForwarded(String chain) throws Exception {
        serveWith("net.forwarded-field=forwarded");
        assertThat(stream("Forwarded: for=192.0.2.7")).isEqualTo(200);

        assertThat(stream("Forwarded: " + chain)).isEqualTo(429);
        assertThat(stream("Forwarded: for=\"[2001:db8::1]:80\"")).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "x-forwarded-for | X-Forwarded-For: nonsense",
                "x-forwarded-for | X-Forwarded-For: 127.1",
                "x-forwarded-for | X-Forwarded-For: 300.1.1.1",
                "x-forwarded-for | X-Forwarded-For: 192.0.2.7:port",
                "x-forwarded-for | X-Forwarded-For: [2001:db8::1",
                "x-forwarded-for | X-Forwarded-For: fe80::1%lo",
                "x-forwarded-for | X-Forwarded-For: 192.0.2.7;10.1.2.3",
                "x-forwarded-for | X-Forwarded-For: localhost",
                "forwarded | Forwarded: nonsense",
                "forwarded | Forwarded: for=",
                "forwarded | Forwarded: for=\"192.0.2.7",
                "forwarded | Forwarded: for=\", for=192.0.2.7",
                "forwarded | Forwarded: for=192.0.2.7:4711 for=192.0.2.8",
                "forwarded | Forwarded: for=192.0.2.7;for=192.0.2.8",
                "forwarded | Forwarded: for=[2001:db8::1",
                "forwarded | Forwarded: for=somebody"
            })
    void refusesWhatMakesNoSense(String field, String header) throws Exception {
        serveWith("net.forwarded-field=" + field);

        try (var connection = new RawHttp1(server.port())) {
            RawHttp1.Head head = connection.send("GET /events/a HTTP/1.1", header.strip()).head();

            assertThat(head.code()).isEqualTo(400);
            assertThat(connection.body(head)).contains("forwarded-malformed");
        }
    }

    @Test
    void takesNoPageInTheClearForOneOfAnEncryptedSite() throws Exception {
        String cookie = "Cookie: token=" + SignedToken.of("alice").subscribe("**").text();

        assertThat(stream(cookie, "Origin: https://localhost", "X-Forwarded-Proto: https"))
                .isEqualTo(200);
        assertThat(stream(cookie, "Origin: http://localhost", "X-Forwarded-Proto: https"))
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "https, http", "gopher", ","})
    void looksAtTheSchemeOnlyForPagesWithTheVisitorsCookie(String scheme) throws Exception {
        assertThat(stream("X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: " + scheme))
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://localhost | https, http | 200",
                "https://localhost | https, http | 403",
                "https://localhost | http, WSS | 200",
                "http://localhost | http, https, | 403",
                "http://localhost | , | 200",
                "https://localhost | , | 200",
                "https://localhost | gopher | 400"
            })
    void takesTheSchemeOfTheNearestProxy(String origin, String schemes, int expected)
            throws Exception {
        String cookie = "Cookie: token=" + SignedToken.of("alice").subscribe("**").text();

        assertThat(stream(cookie, "Origin: " + origin, "X-Forwarded-Proto: " + schemes))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://localhost | for=192.0.2.7;proto=http, for=10.1.2.3;proto=https | 200",
                "http://localhost | for=192.0.2.7;proto=https, for=10.1.2.3;proto=http | 403",
                "http://localhost | for=192.0.2.7 | 200",
                "https://localhost | for=192.0.2.7;proto=gopher | 400"
            })
    void takesTheSchemeOfTheClientFromForwarded(String origin, String chain, int expected)
            throws Exception {
        serveWith("net.forwarded-field=forwarded");
        String cookie = "Cookie: token=" + SignedToken.of("alice").subscribe("**").text();

        assertThat(stream(cookie, "Origin: " + origin, "Forwarded: " + chain)).isEqualTo(expected);
    }

    /** Sends the request over TLS, and returns the code of the answer. */
    private int encrypted(SSLSocketFactory sockets, String... headers) throws Exception {
        try (var transport = new Socket(InetAddress.getLoopbackAddress(), server.port());
                Socket socket = sockets.createSocket(transport, "localhost", server.port(), true)) {
            return code(new RawStream(socket, "GET /events/a HTTP/1.1", headers));
        }
    }

    @ParameterizedTest
    @CsvSource({"x-forwarded-for, X-Forwarded-For", "forwarded, Forwarded"})
    void takesItsOwnSchemeIfTheProxySaysNone(String field, String header) throws Exception {
        TestCertificate certificate = TestCertificate.of("localhost").write(folder);
        serveWith(
                "net.forwarded-field=" + field,
                "tls.cert=" + TestCertificate.certificateFile(folder),
                "tls.key=" + TestCertificate.keyFile(folder));
        SSLSocketFactory sockets = TestCertificate.trusting(certificate).getSocketFactory();
        String value = field.equals("forwarded") ? "for=192.0.2.7" : "192.0.2.7";
        String cookie = "Cookie: token=" + SignedToken.of("alice").subscribe("**").text();

        assertThat(encrypted(sockets, cookie, "Origin: https://localhost", header + ": " + value))
                .isEqualTo(200);
        assertThat(encrypted(sockets, cookie, "Origin: http://localhost", header + ": " + value))
                .isEqualTo(403);
    }
}
