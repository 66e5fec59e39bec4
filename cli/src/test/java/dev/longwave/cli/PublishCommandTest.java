package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.cli.FakeLongwave.Fault;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PublishCommandTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private final FakeLongwave server;
    private final FakeTime time = new FakeTime();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    PublishCommandTest() throws IOException {
        server = new FakeLongwave();
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void publishesDataAndPrintsTheEventsId() throws Exception {
        CommandRun run =
                publish("", "a b/ü", "hello €", "--type", "greeting", "--key", "k", "--end");

        assertThat(run).isEqualTo(new CommandRun(0, "e.1\n", ""));
        assertThat(server.head().line()).startsWith("POST /events/a%20b/%C3%BC?");
        assertThat(server.log().getFirst())
                .containsEntry("data", "hello €")
                .containsEntry("type", "greeting")
                .containsEntry("key", "k")
                .containsEntry("end", "true");
    }

    @Test
    void publishesDataOnceWhenTheAnswerIsLost() {
        server.fail(new Fault.CutAnswer());

        CommandRun run = publish("", "t", "once");

        assertThat(run.exitCode()).isZero();
        assertThat(server.data()).containsExactly("once");
    }

    @Test
    void sendsTheIdGiven() {
        publish("", "t", "x", "--id", "mine");
        publish("", "t", "x", "--id", "mine");

        assertThat(server.log()).containsExactly(Map.of("id", "mine", "data", "x"));
    }

    @Test
    void publishesEphemeralDataWithoutAnIdAndPrintsNone() throws Exception {
        CommandRun run = publish("", "t", "typing", "--type", "typing", "--ephemeral");

        assertThat(run).isEqualTo(new CommandRun(0, "", ""));
        assertThat(server.head().line()).startsWith("POST /events/t?").contains("ephemeral=true");
        assertThat(server.log().getFirst()).doesNotContainKey("id");
    }

    @Test
    void publishesEphemeralLines() throws Exception {
        CommandRun run = publish("a\nb\n", "t", "--ephemeral");

        assertThat(run.exitCode()).isZero();
        assertThat(server.head().line()).startsWith("POST /events/t?ephemeral=true ");
        assertThat(server.data()).containsExactly("a", "b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--end", "--id=x"})
    void keepsNoEphemeralEvent(String option) {
        CommandRun run = publish("", "t", "x", "--ephemeral", option);

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("--ephemeral cannot be used with");
    }

    @Test
    void publishesEachLineInOrder() {
        CommandRun run = publish(numbers(10_000) + "\nlast", "t");

        assertThat(run).isEqualTo(new CommandRun(0, "", ""));
        assertThat(server.data()).startsWith("1", "2", "3").endsWith("9999", "10000", "last");
        assertThat(server.data()).hasSize(10_001);
    }

    @Test
    void publishesNothingForNoInput() {
        assertThat(publish("", "t")).isEqualTo(new CommandRun(0, "", ""));
        assertThat(server.requests()).isZero();
    }

    @Test
    void endsTheTopicAfterTheLastLine() {
        publish("a\n", "t", "--end");

        assertThat(server.log()).hasSize(2);
        assertThat(server.log().getLast()).containsEntry("data", "").containsEntry("end", "true");
    }

    @Test
    void sendsJsonLinesAndSkipsEmptyOnes() {
        publish(
                "{\"data\":\"a\",\"type\":\"x\"}\n\n{\"data\":\"b\",\"id\":\"mine\"}\n",
                "t",
                "--ndjson");

        assertThat(server.data()).containsExactly("a", "b");
        assertThat(server.log().getFirst()).containsEntry("type", "x");
        assertThat(server.log().getLast()).containsEntry("id", "mine");
    }

    @Test
    void stopsAtALineThatIsNoJsonObjectAfterThoseBeforeIt() {
        CommandRun run = publish("{\"data\":\"a\"}\nb\n{\"data\":\"c\"}\n", "t", "--ndjson");

        assertThat(run.exitCode()).isEqualTo(ExitCode.GAVE_UP);
        assertThat(run.err()).contains("line 2 is not a JSON object in UTF-8; 1 line was accepted");
        assertThat(server.data()).containsExactly("a");
    }

    @Test
    void sendsEachLineWhenItComesOnOneRequest() throws Exception {
        var lines = new PipedOutputStream();
        CompletableFuture<Integer> exitCode = start(new PipedInputStream(lines));

        for (String line : List.of("first", "second", "third")) {
            lines.write((line + '\n').getBytes(StandardCharsets.UTF_8));
            lines.flush();
            assertThat(server.arrival()).isEqualTo(line);
        }
        lines.close();

        assertThat(exitCode.get(5, TimeUnit.MINUTES)).isZero();
        assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void endsARequestWhenTheInputIsQuietAndStartsAnotherWithTheNextLine() throws Exception {
        var lines = new PipedOutputStream();
        var input = new PipedInputStream(lines);
        CompletableFuture<Integer> exitCode = start(input, Duration.ofMillis(1));

        lines.write("first\n".getBytes(StandardCharsets.UTF_8));
        lines.flush();
        assertThat(server.arrival()).isEqualTo("first");
        lines.write("second\n".getBytes(StandardCharsets.UTF_8));
        lines.close();

        assertThat(exitCode.get(5, TimeUnit.MINUTES)).isZero();
        assertThat(server.data()).containsExactly("first", "second");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void losesRepeatsAndReordersNothingUnderCutsAtRandom(long run) throws Exception {
        long seed = 31 * System.nanoTime() + run;
        var random = new Random(seed);
        for (int i = 0; i < 60; i++) {
            server.fail(
                    switch (random.nextInt(4)) {
                        case 0 -> new Fault.None();
                        case 1 -> new Fault.CutAnswer();
                        case 2 -> new Fault.Answer(503, "", "");
                        default -> new Fault.CutRequest(random.nextInt(40_000));
                    });
        }

        int exitCode = start(input(numbers(20_000))).get(5, TimeUnit.MINUTES);

        assertThat(exitCode).as("seed=%d", seed).isZero();
        List<String> expected =
                IntStream.rangeClosed(1, 20_000).mapToObj(Integer::toString).toList();
        assertThat(server.data()).as("seed=%d", seed).isEqualTo(expected);
    }

    @Test
    void sendsAgainWithinTheRequestWhereverItIsCut() throws Exception {
        int length = 5 * (36 + "{\"id\":\"-1\",\"data\":\"1\"}\n".length());
        for (int cut = 0; cut < length; cut += 7) {
            try (var other = new FakeLongwave()) {
                other.fail(new Fault.CutRequest(cut));

                int exitCode =
                        start(other.uri(), input(numbers(5)), HOUR, HOUR).get(5, TimeUnit.MINUTES);

                assertThat(exitCode).as("cut=%d", cut).isZero();
                assertThat(other.data()).as("cut=%d", cut).containsExactly("1", "2", "3", "4", "5");
            }
        }
    }

    @Test
    void doesNotTrustAnAnswerThatCountsTooFewLines() throws Exception {
        server.fail(new Fault.Answer(200, "", "{\"published\":1,\"duplicates\":0}"));

        int exitCode = start(input("a\nb\n")).get(5, TimeUnit.MINUTES);

        assertThat(exitCode).isZero();
        assertThat(server.data()).containsExactly("a", "b");
    }

    @Test
    void takesARefusalForGoodAndSaysWhichLine() {
        String problem =
                "{\"type\":\"urn:longwave:problem:data-too-long\",\"title\":\"Data too"
                        + " long\",\"status\":413,\"detail\":\"length=9"
                        + " max=8\",\"line\":2,\"published\":1}";
        server.fail(new Fault.Answer(413, "", problem));

        CommandRun run = publish("a\nb\nc\n", "t");

        assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(run.err())
                .isEqualTo(
                        "longwave: line 2 was refused: Data too long: length=9 max=8 (status 413);"
                                + " 1 line was accepted\n");
    }

    @Test
    void takesARefusalOfDataForGood() {
        server.fail(new Fault.Answer(403, "", "{\"title\":\"Not allowed\"}"));

        CommandRun run = publish("", "t", "x");

        assertThat(run)
                .isEqualTo(new CommandRun(3, "", "longwave: refused: Not allowed (status 403)\n"));
    }

    @Test
    void tellsSomeOtherServerByItsAnswer() {
        server.fail(new Fault.Answer(200, "", "<html>"));

        CommandRun run = publish("", "t", "x");

        assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(run.err()).contains("does not seem to be a Longwave server");
    }

    @Test
    void givesUpAfterItsTimeAndSaysWhatIsSure() throws Exception {
        server.fail(new Fault.None());
        server.fail(Collections.nCopies(1_000, new Fault.CutAnswer()).toArray(Fault[]::new));

        int exitCode =
                start(server.uri(), input(numbers(700)), HOUR, Duration.ofMinutes(1))
                        .get(5, TimeUnit.MINUTES);

        assertThat(exitCode).isEqualTo(ExitCode.GAVE_UP);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("gave up after 1m: ")
                .contains("500 lines were accepted, and up to 200 more may have been");
        Duration waited = time.pauses().stream().reduce(Duration.ZERO, Duration::plus);
        assertThat(waited).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void waitsAsLongAsTheServerAsks() throws Exception {
        server.fail(new Fault.Answer(429, "Retry-After: 7\r\n", ""));

        int exitCode = start(input("a\n")).get(5, TimeUnit.MINUTES);

        assertThat(exitCode).isZero();
        assertThat(time.pauses()).containsExactly(Duration.ofSeconds(7));
    }

    @Test
    void saysThatTheServerCannotBeReached() throws Exception {
        String url = "http://127.0.0.1:" + LongwaveProcess.freePort();

        CommandRun run =
                CommandRun.of("", "publish", "--url", url, "--retry-for", "PT0S", "t", "x");

        assertThat(run)
                .isEqualTo(
                        new CommandRun(
                                1,
                                "",
                                "longwave: gave up after 0s: cannot connect to " + url + "\n"));
    }

    @Test
    void saysThatTheHostIsUnknown() {
        for (String[] data : new String[][] {{"t", "x"}, {"t"}}) {
            var args = new ArrayList<>(List.of("publish", "--retry-for", "0s", "--url"));
            args.add("http://no-such-host.invalid:8080");
            args.addAll(List.of(data));

            CommandRun run = CommandRun.of("x\n", args.toArray(String[]::new));

            assertThat(run.exitCode()).isEqualTo(ExitCode.GAVE_UP);
            assertThat(run.err()).contains("gave up after 0s: unknown host no-such-host.invalid");
        }
    }

    @Test
    void saysWhatIsHappeningWhileItTriesAgain() throws Exception {
        server.fail(Collections.nCopies(12, new Fault.Answer(503, "", "")).toArray(Fault[]::new));

        int exitCode = start(input("a\n")).get(5, TimeUnit.MINUTES);

        assertThat(exitCode).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .startsWith("longwave: the server answered 503; trying again for up to 1h")
                .anySatisfy(line -> assertThat(line).startsWith("longwave: still trying after 1m"))
                .endsWith("longwave: the server answers again");
    }

    @Test
    void triesForeverIfItFollowsAPipeAndForAWhileOtherwise() {
        assertThat(CommandRun.of("", "help", "publish").out().replaceAll("\\s+", " "))
                .contains("Default: 1m with DATA, forever without it.");
        assertThat(publish("a\n", "t", "--retry-for", "forever").exitCode()).isZero();
        assertThat(publish("", "t", "x", "--retry-for", "2m").exitCode()).isZero();
        assertThat(publish("", "t", "x", "--retry-for", "for ever").err())
                .contains("--retry-for", "'for ever' is not a duration, such as 5s, 2m");
    }

    @Test
    void publishesALineThatIsNotUtf8ByteForByte() {
        var input = new ByteArrayInputStream(new byte[] {'a', '\n', (byte) 0xff, 'b', '\n'});

        CommandRun run = CommandRun.of(input, "publish", "--url", server.uri().toString(), "t");

        assertThat(run).isEqualTo(new CommandRun(0, "", ""));
        assertThat(server.data()).containsExactly("a", "/2I=");
        assertThat(server.log().getLast()).containsEntry("encoding", "base64");
    }

    @Test
    void refusesAJsonLineThatIsNotUtf8() {
        byte[] line = "{\"data\":\"\u00ff\"}\n".getBytes(StandardCharsets.ISO_8859_1);

        CommandRun run =
                CommandRun.of(
                        new ByteArrayInputStream(line),
                        "publish",
                        "--url",
                        server.uri().toString(),
                        "t",
                        "--ndjson");

        assertThat(run.exitCode()).isEqualTo(ExitCode.GAVE_UP);
        assertThat(run.err()).contains("line 1 is not a JSON object in UTF-8");
        assertThat(server.requests()).isZero();
    }

    /** The JVM has put it in place of bytes that it could not decode. */
    @Test
    void refusesAnArgumentThatWasNotDecoded() {
        CommandRun run = publish("", "t", "gr\uFFFD\uFFFDn");

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("not text in this locale");
        assertThat(server.requests()).isZero();
    }

    @Test
    void stopsAtALineThatIsTooLongOrSkipsIt() {
        String input = "a\n" + "x".repeat(LineInput.MAX_LINE_BYTES + 1) + "\nb\n";

        CommandRun stopped = publish(input, "t");
        CommandRun skipped = publish(input, "u", "--skip-too-long");

        assertThat(stopped.exitCode()).isEqualTo(ExitCode.GAVE_UP);
        assertThat(stopped.err()).contains("line 2", "too long", "1 line was accepted");
        assertThat(skipped.exitCode()).isZero();
        assertThat(skipped.err()).contains("line 2 was skipped: the line is too long");
        assertThat(server.data()).containsExactly("a", "a", "b");
    }

    @Test
    void skipsALineThatIsTooLongForTheServer() {
        String problem =
                "{\"type\":\"urn:longwave:problem:data-too-large\",\"title\":\"Too large\","
                        + "\"status\":413,\"line\":1,\"published\":0}";
        server.fail(new Fault.Answer(413, "", problem), new Fault.Answer(413, "", problem));

        CommandRun stopped = publish("a\nb\n", "t");
        CommandRun skipped = publish("a\nb\n", "t", "--skip-too-long");

        assertThat(stopped.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(stopped.err()).contains("line 1 was refused", "--skip-too-long");
        assertThat(skipped.exitCode()).isZero();
        assertThat(skipped.err()).contains("line 1 was skipped: Too large (status 413)");
        assertThat(server.data()).containsExactly("b");
    }

    @Test
    void refusesOptionsThatMakeNoSenseTogether() {
        assertThat(publish("", "t", "x", "--skip-too-long").exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(publish("", "t", "x", "--ndjson").exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(publish("", "t", "--id", "x").exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(publish("", "", "x").exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(publish("").exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(CommandRun.of("", "publish", "--url", "localhost:80", "t", "x").exitCode())
                .isEqualTo(ExitCode.USAGE);
    }

    private CommandRun publish(String input, String... args) {
        var all = new ArrayList<String>(List.of("publish", "--url", server.uri().toString()));
        all.addAll(List.of(args));
        return CommandRun.of(input, all.toArray(String[]::new));
    }

    private CompletableFuture<Integer> start(InputStream input) {
        return start(input, HOUR);
    }

    private CompletableFuture<Integer> start(InputStream input, Duration quiet) {
        return start(server.uri(), input, quiet, HOUR);
    }

    /** Publishes lines with time that passes at once when it waits to try again. */
    private CompletableFuture<Integer> start(
            URI uri, InputStream input, Duration quiet, Duration retryFor) {
        var terminal =
                new Terminal(
                        input,
                        new ByteArrayOutputStream(),
                        new PrintStream(err, true, StandardCharsets.UTF_8));
        var exitCode = new CompletableFuture<Integer>();
        Thread.ofVirtual()
                .start(() -> {
                    try (var client = new LongwaveClient(uri, "")) {
                        exitCode.complete(
                                new LinePublisher(
                                                client,
                                                client.topicUri("t", Map.of()),
                                                new LineFormat(false, "0".repeat(36), "", ""),
                                                new LinePublisher.Options(
                                                        false, false, quiet, HOUR),
                                                new Retry(retryFor, time.timing(), terminal),
                                                terminal)
                                        .run());
                    } catch (InterruptedException | RuntimeException e) {
                        exitCode.completeExceptionally(e);
                    }
                });
        return exitCode;
    }

    private static InputStream input(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String numbers(int last) {
        return IntStream.rangeClosed(1, last)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining("\n"));
    }
}
