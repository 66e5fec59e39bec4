package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.cli.FakeLongwave.Fault;
import dev.longwave.cli.FakeLongwave.Head;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SubscribeCommandTest {

    private static final String GAP =
            "{\"topic\":\"t\",\"reason\":\"expired\",\"after\":null,\"before\":\"7\"}";

    private final FakeLongwave server;
    private final FakeTime time = new FakeTime();

    SubscribeCommandTest() throws IOException {
        server = new FakeLongwave();
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void printsDataUntilTheTopicEnds() {
        server.publish(Map.of("data", "one"));
        server.publish(Map.of("data", "zwei €"));
        server.end();

        assertThat(subscribe("t")).isEqualTo(new CommandRun(0, "one\nzwei €\n", ""));
    }

    @Test
    void printsAnEventWhenItComes() throws Exception {
        var out = new WatchedOutput();
        var client = new LongwaveClient(server.uri(), "");
        Thread subscriber = Thread.ofVirtual().start(() -> run(client, out));

        for (String data : List.of("first", "second")) {
            server.publish(Map.of("data", data));
            out.await(data + '\n');
        }
        server.end();

        assertThat(subscriber.join(Duration.ofMinutes(5))).isTrue();
        client.close();
    }

    @Test
    void printsJsonForPrograms() {
        server.open("retry: 1\n\nid: 6\nevent: gap\ndata: " + GAP + "\n\n");
        server.publish(Map.of("data", "one\ntwo", "type", "greeting"));
        server.end();

        assertThat(subscribe("t", "--json"))
                .isEqualTo(
                        new CommandRun(
                                0,
                                "{\"gap\":"
                                        + GAP
                                        + "}\n{\"topic\":\"t\",\"id\":\"1\",\"type\":\"greeting\","
                                        + "\"data\":\"one\\ntwo\"}\n",
                                ""));
    }

    @Test
    void saysInJsonOfWhichTopicAPatternsEventIs() throws Exception {
        server.open(
                """
                retry: 1

                id: 1
                topic: jobs/7
                time: 2026-01-31T12:00:00.5Z
                event: done
                data: x

                id: 2
                topic: jobs/8
                data: y

                """);

        CommandRun run = subscribe("jobs/*", "--json", "--limit", "2");

        assertThat(server.head().line()).isEqualTo("GET /events/jobs/*?details=true HTTP/1.1");
        assertThat(run.lines())
                .containsExactly(
                        "{\"topic\":\"jobs/7\",\"id\":\"1\",\"time\":\"2026-01-31T12:00:00.5Z\",\"type\":\"done\",\"data\":\"x\"}",
                        "{\"topic\":\"jobs/8\",\"id\":\"2\",\"data\":\"y\"}");
    }

    @Test
    void tellsOfGapsOnStandardError() {
        server.open("retry: 1\n\nid: 0\nevent: gap\ndata: " + GAP + "\n\n");
        server.publish(Map.of("data", "x"));

        assertThat(subscribe("t", "--limit", "1"))
                .isEqualTo(
                        new CommandRun(
                                0,
                                "x\n",
                                "longwave: gap in t: events after null and before 7 are missing"
                                        + " (expired)\n"));
    }

    @Test
    void printsAnEventThatOnlyLooksLikeAGap() {
        server.publish(Map.of("data", "mind it", "type", "gap"));

        assertThat(subscribe("t", "--limit", "1").out()).isEqualTo("mind it\n");
    }

    @Test
    void stopsAtItsLimit() {
        IntStream.rangeClosed(1, 100)
                .forEach(i -> server.publish(Map.of("data", Integer.toString(i))));

        assertThat(subscribe("t", "--limit", "3").lines()).containsExactly("1", "2", "3");
    }

    @Test
    void asksForTheStartOnceAndThenForWhatFollowsItsLastEvent() throws Exception {
        server.fail(new Fault.CutStream("_: welcome\nretry: 1\n\nid: 1\ndata: a\n\n".length() - 1));
        server.publish(Map.of("data", "a"));
        server.end();

        subscribe("a/ü b", "--since", "PT5M");

        Head first = server.head();
        assertThat(first.line()).isEqualTo("GET /events/a/%C3%BC%20b?since=PT5M HTTP/1.1");
        assertThat(first.headers())
                .containsEntry("accept", "text/event-stream")
                .doesNotContainKey("last-event-id");
        assertThat(server.head().headers()).containsEntry("last-event-id", "1");
    }

    @Test
    void asksForSeveralTopicsOnOneStream() throws Exception {
        server.publish(Map.of("data", "x"));

        CommandRun run = subscribe("a", "b/c", "--since", "last", "--limit", "1", "--json");

        assertThat(server.head().line())
                .isEqualTo("GET /events?topic=a&topic=b%2Fc&since=last&details=true HTTP/1.1");
        assertThat(run.out()).isEqualTo("{\"id\":\"1\",\"data\":\"x\"}\n");
    }

    @Test
    void losesAndRepeatsNothingWhereverTheStreamIsCut() throws Exception {
        List<String> expected = List.of("1", "größer", "3");
        expected.forEach(data -> server.publish(Map.of("data", data, "type", "x")));
        server.end();
        for (int cut = 0; cut < 120; cut++) {
            server.fail(new Fault.CutStream(cut));

            CommandRun run = follow();

            assertThat(run.exitCode()).as("cut=%d", cut).isZero();
            assertThat(run.lines()).as("cut=%d", cut).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void losesAndRepeatsNothingUnderCutsAtRandom(long number) throws Exception {
        long seed = 31 * System.nanoTime() + number;
        var random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            server.fail(
                    random.nextInt(5) == 0
                            ? new Fault.Answer(503, "", "")
                            : new Fault.CutStream(random.nextInt(3_000)));
        }
        List<String> expected =
                IntStream.rangeClosed(1, 20_000).mapToObj(Integer::toString).toList();
        Thread.ofVirtual()
                .start(() -> {
                    expected.forEach(data -> server.publish(Map.of("data", data)));
                    server.end();
                });

        CommandRun run = follow();

        assertThat(run.exitCode()).as("seed=%d", seed).isZero();
        assertThat(run.lines()).as("seed=%d", seed).isEqualTo(expected);
    }

    @Test
    void takesARefusalForGood() {
        server.fail(new Fault.Answer(400, "", "{\"title\":\"Bad topic\",\"detail\":\"topic=t\"}"));

        assertThat(subscribe("t"))
                .isEqualTo(
                        new CommandRun(
                                3, "", "longwave: refused: Bad topic: topic=t (status 400)\n"));
    }

    @Test
    void tellsSomeOtherServerByItsAnswer() {
        server.fail(new Fault.Answer(200, "Content-Type: text/html\r\n", "<html>"));

        CommandRun run = subscribe("t");

        assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(run.err()).contains("does not seem to be a Longwave server");
    }

    @Test
    void comesBackToAServerThatWasAwayAndTellsOnce() throws Exception {
        server.fail(
                new Fault.Answer(503, "Retry-After: 9\r\n", "{\"title\":\"Starting\"}"),
                new Fault.Answer(502, "", ""));
        server.publish(Map.of("data", "x"));
        server.end();

        CommandRun run = follow();

        assertThat(run)
                .isEqualTo(
                        new CommandRun(
                                0,
                                "x\n",
"""
longwave: Starting (status 503); trying again
longwave: connected
"""));
        assertThat(time.pauses().getFirst()).isEqualTo(Duration.ofSeconds(9));
        assertThat(time.pauses().get(1)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(3));
    }

    @Test
    void comesBackAfterTheDelayThatTheServerAskedFor() throws Exception {
        server.open("retry: 5000\n\n");
        server.end();
        server.fail(new Fault.CutStream(20));
        server.publish(Map.of("data", "x"));

        follow();

        assertThat(time.pauses())
                .isNotEmpty()
                .allSatisfy(pause ->
                        assertThat(pause)
                                .isBetween(Duration.ofSeconds(5), Duration.ofMillis(7500)));
    }

    @Test
    void leavesAConnectionThatIsSilentForTooLong() {
        server.fail(new Fault.Stall());
        server.publish(Map.of("data", "x"));

        CommandRun run = subscribe("t", "--limit", "1", "--idle-timeout", "500ms");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEqualTo("x\n");
        assertThat(run.err()).contains("connection lost: received nothing for 500ms; trying again");
    }

    @Test
    void saysThatAConnectionIsLostOnlyWhereThereWasOne() throws Exception {
        server.fail(
                new Fault.CutStream("_: welcome\nretry: 1\n\nid: 1\ndata: a\n\n".length() - 1),
                new Fault.Answer(502, "", ""),
                new Fault.Answer(502, "", ""));
        server.publish(Map.of("data", "a"));
        server.end();

        CommandRun run = follow();

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).doesNotContain("connection lost").contains("502");
    }

    @Test
    void showsTimeTopicAndTypeForAPattern() {
        server.open(
                """
                retry: 1

                id: 1
                topic: jobs/7
                time: 2026-01-31T12:00:00.5Z
                event: done
                data: one
                data: two

                id: 2
                topic: jobs/8
                data: red \u001b[31m alert

                """);

        List<String> lines = subscribe("jobs/*", "--limit", "2").lines();

        assertThat(lines.getFirst()).matches("[0-9]{2}:[0-9]{2}:00[.]500  jobs/7  done  one");
        assertThat(lines.get(1)).isEqualTo("    two");
        assertThat(lines.get(2)).isEqualTo("jobs/8  red \\u001b[31m alert");
    }

    @Test
    void showsOnlyDataIfItIsToldTo() throws Exception {
        server.publish(Map.of("data", "x", "type", "t"));

        CommandRun run = subscribe("jobs/*", "--limit", "1", "--data");

        assertThat(server.head().line()).isEqualTo("GET /events/jobs/* HTTP/1.1");
        assertThat(run.out()).isEqualTo("x\n");
    }

    @Test
    void coloursTheLinesOfATerminal() throws Exception {
        var out = new ByteArrayOutputStream();
        var terminal =
                new Terminal(
                        InputStream.nullInputStream(),
                        out,
                        new PrintStream(out, true, StandardCharsets.UTF_8));
        var printer =
                new EventPrinter(terminal, EventPrinter.Style.READABLE, true, Optional.of("news"));

        printer.print(new ServerSentEvent("1", "price", "", "", "", "42"));
        printer.flush();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("\033[36mnews\033[0m  \033[1mprice\033[0m  42\n");
    }

    @Test
    void failsIfItsOutputCannotBeWritten() {
        server.publish(Map.of("data", "x"));
        var full =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("No space left on device");
                    }
                };
        try (var client = new LongwaveClient(server.uri(), "")) {
            assertThat(run(client, full))
                    .isEqualTo(
                            new CommandRun(
                                    1,
                                    "",
                                    "longwave: cannot write the output: No space left on"
                                            + " device\n"));
        }
    }

    @Test
    void endsQuietlyWhenNobodyReadsItsOutput() {
        server.publish(Map.of("data", "x"));
        var closed =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                };
        try (var client = new LongwaveClient(server.uri(), "")) {
            assertThat(run(client, closed)).isEqualTo(new CommandRun(0, "", ""));
        }
    }

    @Test
    void refusesOptionsThatMakeNoSense() {
        assertThat(subscribe().exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(subscribe("").exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(subscribe("t", "--limit", "-1").exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(subscribe("t", "--idle-timeout", "1").exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(subscribe("t", "--json", "--data").exitCode()).isEqualTo(ExitCode.USAGE);
    }

    private CommandRun subscribe(String... args) {
        var all = new ArrayList<String>(List.of("subscribe", "--url", server.uri().toString()));
        all.addAll(List.of(args));
        return CommandRun.of("", all.toArray(String[]::new));
    }

    /** Subscribes with time that passes at once when it waits to come back. */
    private CommandRun follow() {
        var out = new ByteArrayOutputStream();
        try (var client = new LongwaveClient(server.uri(), "")) {
            CommandRun run = run(client, out);
            return new CommandRun(run.exitCode(), out.toString(StandardCharsets.UTF_8), run.err());
        }
    }

    private CommandRun run(LongwaveClient client, OutputStream out) {
        var err = new ByteArrayOutputStream();
        var terminal =
                new Terminal(
                        InputStream.nullInputStream(),
                        out,
                        new PrintStream(err, true, StandardCharsets.UTF_8));
        var printer = new EventPrinter(terminal, EventPrinter.Style.DATA, false, Optional.of("t"));
        try {
            int exitCode =
                    new StreamSubscriber(
                                    client,
                                    client.topicUri("t", Map.of()),
                                    0,
                                    Duration.ofSeconds(20),
                                    time.timing(),
                                    terminal,
                                    printer)
                            .run();
            return new CommandRun(exitCode, "", err.toString(StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Output that can be waited for, once it is flushed. */
    private static final class WatchedOutput extends ByteArrayOutputStream {

        private String flushed = "";

        @Override
        public synchronized void flush() {
            flushed = toString(StandardCharsets.UTF_8);
            notifyAll();
        }

        synchronized void await(String text) throws InterruptedException {
            long deadline = System.nanoTime() + Duration.ofMinutes(5).toNanos();
            while (!flushed.endsWith(text)) {
                long millis = (deadline - System.nanoTime()) / 1_000_000;
                assertThat(millis).as("still waiting for %s", text).isPositive();
                wait(millis);
            }
        }
    }
}
