package dev.longwave.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.longwave.testing.SignedToken;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No key, token, cookie or ticket in anything that a server writes: its log at the finest level,
 * its answers, the names of its threads.
 */
final class SecretsIT {

    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final String TICKET_SECRET =
            Base64.getUrlEncoder()
                    .encodeToString("ticket secret with 32 bytes, yes".getBytes(UTF_8));
    private static final String API_KEY = "lwk_a1b2c3d4e5f6a7b8c9d0";
    private static final String SESSION = "session-5e55104e5e551041";
    private static final String PASSWORD = "correct-horse-battery";
    private static final String ADMIN_PASSWORD = "operators-only-7f3a9b2c";

    @TempDir private Path folder;
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(DEADLINE)
                    .build();
    private final StringBuilder seen = new StringBuilder();

    @Test
    void appearNowhere() throws Exception {
        Path log = folder.resolve("log");
        HttpServer application = application();
        SignedToken valid = SignedToken.of("alice").subscribe("a/*").publish("a/*");
        SignedToken expired = SignedToken.of("alice").expires(Instant.EPOCH);
        SignedToken forged = SignedToken.of("bob").signedWith(TICKET_SECRET);
        String ticket;
        try (LongwaveProcess server =
                LongwaveProcess.serve(
                        log,
                        List.of("-Djava.util.logging.config.file=" + logging()),
                        "auth.jwt.secret=" + SignedToken.SECRET,
                        "auth.ticket-secret=" + TICKET_SECRET,
                        "auth.keys-file=" + apiKeys(),
                        "auth.cookie=session",
                        "auth.session-url=http://127.0.0.1:%d/session"
                                .formatted(application.getAddress().getPort()),
                        "admin.port=0",
                        "admin.password=" + ADMIN_PASSWORD,
                        "admin.public-figures=true")) {
            ticket = ticket(server, valid);
            for (String credential :
                    List.of(
                            valid.bearer(),
                            expired.bearer(),
                            forged.bearer(),
                            "Bearer " + API_KEY,
                            "Bearer " + API_KEY + "x",
                            "Basic " + PASSWORD,
                            "Digest " + PASSWORD)) {
                get(server, "/history/a/b", "Authorization", credential);
                get(server, "/history/c", "Authorization", credential);
                post(server, "/events/a/b", "Authorization", credential);
            }
            for (String cookie : List.of(SESSION, SESSION + "-slow", valid.text(), PASSWORD)) {
                get(server, "/history/a/b", "Cookie", "session=" + cookie);
                post(server, "/events/a/b", "Cookie", "session=" + cookie);
            }
            get(server, "/history/a/b?access_token=" + valid.text());
            get(server, "/history/a/b?since=" + PASSWORD + "&token=" + PASSWORD);
            get(server, "/events/a/b?ticket=" + ticket + "x");
            get(server, "/events/c?ticket=" + ticket(server, valid));
            opens(server, ticket);
            get(server, "/events/a/b?ticket=" + ticket);
            malformed(server, valid);
            for (String path : List.of("/figures", "/health/ready", "/", "/nowhere")) {
                get(server, path);
            }
            admin(server, "/admin/revoke", "{\"token\":\"" + valid.text() + "\"}");
            admin(server, "/admin/revoke", "{\"subject\":\"carol\"}");
            note(request(server.adminUri("/metrics"), "Authorization", operator("x")).build());
            note(request(server.adminUri("/metrics"), "Authorization", operator("")).build());
            seen.append(threads(server));
        } finally {
            application.stop(0);
        }

        String written = seen + Files.readString(log);
        assertThat(written).contains("credential-refused", "ticket-used", "FINE", "longwave_");
        for (Map.Entry<String, String> secret :
                Map.of(
                                "the key of tokens", SignedToken.SECRET,
                                "the key of tickets", TICKET_SECRET,
                                "the API key", API_KEY,
                                "the session", SESSION,
                                "the password", PASSWORD,
                                "the operators' password", ADMIN_PASSWORD,
                                "the token", signature(valid),
                                "the expired token", signature(expired),
                                "the forged token", signature(forged),
                                "the ticket", ticket)
                        .entrySet()) {
            assertThat(lines(written, secret.getValue())).as(secret.getKey()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "auth.jwt.secret=" + PASSWORD,
                "auth.ticket-secret=" + PASSWORD,
                "auth.jwt.jwks-url=http://me:" + PASSWORD + "@127.0.0.1:9/jwks",
                "auth.session-url=https://me:" + PASSWORD + "@",
                "broker.nats.servers=nats://me:" + PASSWORD + "@127.0.0.1:9",
                "broker.redis.url=redis://me:" + PASSWORD + "@127.0.0.1:9",
                "broker.postgres.url=jdbc:postgresql://127.0.0.1:9/x?password=" + PASSWORD
            })
    void appearInNoErrorOfTheStart(String setting) throws Exception {
        var arguments = new ArrayList<>(List.of("serve", "--port", "0", "--set", setting));
        if (setting.startsWith("broker.")) {
            arguments.addAll(List.of("--set", "broker.type=" + setting.split("\\.", 3)[1]));
        } else if (!setting.contains(".jwt.")) {
            arguments.addAll(List.of("--set", "auth.jwt.secret=" + SignedToken.SECRET));
        }
        Process process = LongwaveProcess.builder(arguments).redirectErrorStream(true).start();

        String output;
        try (var lines = process.inputReader()) {
            output =
                    lines.lines()
                            .takeWhile(line -> !line.startsWith("Longwave is listening"))
                            .collect(Collectors.joining("\n"));
        } finally {
            process.destroy();
        }

        assertThat(process.waitFor()).as(output).isNotZero();
        assertThat(output).isNotBlank().doesNotContain(PASSWORD);
    }

    private Path logging() throws IOException {
        return Files.writeString(
                folder.resolve("logging.properties"),
                """
                handlers=java.util.logging.ConsoleHandler
                java.util.logging.ConsoleHandler.level=ALL
                .level=FINE
                dev.longwave.level=ALL
                """);
    }

    private Path apiKeys() throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(API_KEY.getBytes(UTF_8));
        Path file = folder.resolve("keys.yaml");
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(
                file,
                "backend:\n  sha256: %s\n  publish: [\"a/*\"]\n"
                        .formatted(HexFormat.of().formatHex(hash)));
    }

    /** Knows one session, and does not answer for what ends in "slow". */
    private static HttpServer application() throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.createContext(
                "/session",
                exchange -> {
                    String cookie = String.valueOf(exchange.getRequestHeaders().getFirst("Cookie"));
                    byte[] answer =
                            "{\"subject\":\"dave\",\"expiresIn\":60,\"publish\":[\"a/*\"]}"
                                    .getBytes(UTF_8);
                    if (cookie.endsWith("slow")) {
                        exchange.close();
                    } else if (cookie.contains(SESSION)) {
                        exchange.sendResponseHeaders(200, answer.length);
                        exchange.getResponseBody().write(answer);
                    } else {
                        exchange.sendResponseHeaders(401, -1);
                    }
                    exchange.close();
                });
        server.start();
        return server;
    }

    private String ticket(LongwaveProcess server, SignedToken token) throws Exception {
        HttpResponse<String> response =
                client.send(
                        request(server.uri("/tickets"), "Authorization", token.bearer())
                                .POST(BodyPublishers.ofString("{\"topics\":[\"a/b\"]}"))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(201);
        return response.body().replaceFirst("(?s).*\"ticket\":\"([^\"]+)\".*", "$1");
    }

    /** Opens the stream for which the ticket is. */
    private void opens(LongwaveProcess server, String ticket) throws Exception {
        try (Exchange stream = new Exchange(server.port())) {
            stream.send(
                    "GET /events/a/b?ticket=" + ticket + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(stream.line()).isEqualTo("HTTP/1.1 200 OK");
        }
    }

    private void malformed(LongwaveProcess server, SignedToken token) throws Exception {
        for (String fields :
                List.of(
                        "Authorization: " + token.bearer() + "\r\nContent-Length: x\r\n",
                        "Authorization : " + token.bearer() + "\r\n",
                        "Authorization: " + token.bearer() + "\r\n folded\r\n",
                        "Cookie: session=" + SESSION + "\u0001\r\n",
                        "X: "
                                + "y".repeat(20_000)
                                + "\r\nAuthorization: "
                                + token.bearer()
                                + "\r\n")) {
            try (Exchange exchange = new Exchange(server.port())) {
                exchange.send("GET /history/a HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n");
                seen.append(exchange.rest());
            }
        }
    }

    private void get(LongwaveProcess server, String path, String... fields) throws Exception {
        note(request(server.uri(path), fields).build());
    }

    private void post(LongwaveProcess server, String path, String... fields) throws Exception {
        note(request(server.uri(path), fields).POST(BodyPublishers.ofString("x")).build());
    }

    private void admin(LongwaveProcess server, String path, String body) throws Exception {
        note(
                request(
                                server.adminUri(path),
                                "Content-Type",
                                "application/json",
                                "Authorization",
                                operator(""))
                        .POST(BodyPublishers.ofString(body))
                        .build());
    }

    /** The operators' credentials; wrong ones, with more text. */
    private static String operator(String more) {
        return "Basic "
                + Base64.getEncoder()
                        .encodeToString(("admin:" + ADMIN_PASSWORD + more).getBytes(UTF_8));
    }

    private static HttpRequest.Builder request(URI uri, String... fields) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(DEADLINE);
        return fields.length == 0 ? request : request.headers(fields);
    }

    private void note(HttpRequest request) throws Exception {
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        assertThat(response.statusCode()).isNotEqualTo(500);
        seen.append(response.statusCode()).append(response.headers().map()).append(response.body());
        seen.append('\n');
    }

    private static String threads(LongwaveProcess server) throws IOException {
        Process jcmd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(server.pid()),
                                "Thread.print",
                                "-e")
                        .redirectErrorStream(true)
                        .start();
        String threads = new String(jcmd.getInputStream().readAllBytes(), UTF_8);
        assertThat(threads).contains("longwave-");
        return threads;
    }

    private static String signature(SignedToken token) {
        return token.text().substring(token.text().lastIndexOf('.') + 1);
    }

    private static List<String> lines(String text, String part) {
        return text.lines()
                .filter(line -> line.contains(part))
                .map(line -> line.substring(0, Math.min(line.length(), 300)))
                .collect(Collectors.toList());
    }

    /** One connection, byte by byte. */
    private static final class Exchange implements AutoCloseable {
        private final Socket socket;

        Exchange(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout((int) DEADLINE.toMillis());
        }

        void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(US_ASCII));
        }

        String line() throws IOException {
            var line = new StringBuilder();
            for (int next = socket.getInputStream().read();
                    next >= 0 && next != '\r';
                    next = socket.getInputStream().read()) {
                line.append((char) next);
            }
            return line.toString();
        }

        String rest() throws IOException {
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
