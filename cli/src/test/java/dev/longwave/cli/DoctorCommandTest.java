package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The doctor and servers that are not Longwave. */
final class DoctorCommandTest {

    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    DoctorCommandTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
        server.setExecutor(threads);
        server.createContext("/events-with-ids", exchange -> stream(exchange, true));
        server.createContext("/events-without-ids", exchange -> stream(exchange, false));
        server.createContext("/page", DoctorCommandTest::page);
        server.createContext("/forbidden", exchange -> answer(exchange, 403));
        server.createContext("/forbidden/probe", exchange -> answer(exchange, 404));
        server.start();
    }

    @AfterEach
    void close() {
        over.countDown();
        server.stop(0);
        threads.close();
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private static void answer(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    private static void page(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/html");
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write("<p>sign in</p>".getBytes(StandardCharsets.UTF_8));
        exchange.close();
    }

    /** Three events, and then nothing until the test is over. */
    private void stream(HttpExchange exchange, boolean ids) throws IOException {
        if (exchange.getRequestURI().getPath().endsWith("/probe")) {
            answer(exchange, 404);
            return;
        }
        String last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
        int next = last == null ? 1 : Integer.parseInt(last) + 1;
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream body = exchange.getResponseBody()) {
            for (int i = next; i <= 3; i++) {
                String event = (ids ? "id: " + i + "\n" : "") + "data: " + i + "\n\n";
                body.write(event.getBytes(StandardCharsets.UTF_8));
            }
            body.flush();
            over.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void examinesAnyStreamByWhatItSends() {
        DoctorRun run = DoctorRun.of(url("/events-with-ids"), "--idle", "1s");

        run.assertWell();
        assertThat(run.passed())
                .contains("connect", "http", "first-byte", "headers", "clock", "cache", "resume");
        assertThat(run.unchecked()).contains("buffering", "cors", "websocket", "idle");
    }

    @Test
    void saysThatEventsWithoutIdsCannotBeResumed() {
        DoctorRun.of(url("/events-without-ids"), "--idle", "1s").assertFound(List.of("no-ids"));
    }

    @Test
    void findsThatAPageIsNoStream() {
        DoctorRun.of(url("/page")).assertFound(List.of("not-an-event-stream"));
    }

    @Test
    void saysThatItLacksTheRight() {
        DoctorRun.of(url("/forbidden")).assertFound(List.of("status"));
    }

    @Test
    void exitsWith2IfNobodyListens() throws IOException {
        int port = LongwaveProcess.freePort();

        DoctorRun run = DoctorRun.of("http://127.0.0.1:" + port);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.codes()).containsExactly("connect");
    }

    @Test
    void exitsWith2IfTheNameIsUnknown() {
        DoctorRun run = DoctorRun.of("http://nothing.invalid");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.codes()).containsExactly("dns");
    }

    @Test
    void exitsWith2IfThePortDoesNotSpeakTls() {
        DoctorRun run = DoctorRun.of(url("/").replace("http:", "https:"));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.codes()).containsExactly("tls");
    }

    @Test
    void reportsALineForEachCheck() {
        CommandRun run = CommandRun.of("", "doctor", url("/events-without-ids"), "--idle", "0s");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.lines())
                .anyMatch(line -> line.matches("ok +connect +port \\d+ accepts connections"))
                .anyMatch(line -> line.startsWith("skipped  cors"))
                .anyMatch(line -> line.startsWith("FOUND    no-ids "));
    }

    @Test
    void neverRepeatsACredential() {
        CommandRun run =
                CommandRun.of("", "doctor", url("/events-with-ids?token=s3cret"), "--idle", "0s");

        assertThat(run.out() + run.err()).contains("token-in-url").doesNotContain("s3cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"121s", "-1s", "x", "3m"})
    void refusesAnotherIdleTime(String idle) {
        CommandRun run = CommandRun.of("", "doctor", url("/page"), "--idle", idle);

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("from 0s to 120s");
    }
}
