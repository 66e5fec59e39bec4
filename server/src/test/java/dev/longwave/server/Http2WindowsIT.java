package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Event streams over HTTP/2 whose clients open their windows late, and by little. */
final class Http2WindowsIT {

    private static final int WINDOW = 1_000;
    private static final int STREAMS = 40;
    private static final int EVENTS = 300;
    private static final Pattern DATA = Pattern.compile("^data: (\\d+)$", Pattern.MULTILINE);

    private final TestServer server = TestServer.with("sse.heartbeat-interval=PT10M");
    private final RawHttp2 client;
    private final Map<Integer, StringBuilder> received = new HashMap<>();

    Http2WindowsIT() throws IOException {
        client = new RawHttp2(server.port(), 1 << 16, WINDOW);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
    }

    /** The stream that waits gets what is missing, and no other stream waits with it. */
    @Test
    void anExhaustedWindowHoldsUpItsStreamOnly() throws Exception {
        int waiting = client.get("/events/a");
        int open = client.get("/events/b");
        readUntil(waiting, "\n\n");
        readUntil(open, "\n\n");
        for (int i = 0; i < EVENTS; i++) {
            server.publish("a", "" + i);
        }

        server.publish("b", "0");
        readUntil(open, "data: 0\n");
        server.publish("b", "1");
        readUntil(open, "data: 1\n");

        assertThat(text(waiting)).hasSizeLessThanOrEqualTo(WINDOW);
        client.allow(waiting, 1 << 20);
        client.allow(0, 1 << 20);
        readUntil(waiting, "data: " + (EVENTS - 1) + "\n");
        assertThat(numbers(waiting)).isEqualTo(IntStream.range(0, EVENTS).boxed().toList());
    }

    @Test
    void aWindowThatTheSettingsCloseAndOpenAgainLosesNothing() throws Exception {
        int stream = client.get("/events/a");
        readUntil(stream, "\n\n");
        for (int i = 0; i < EVENTS; i++) {
            client.initialWindow(i % 2 == 0 ? 0 : WINDOW + 1_000 * i);
            server.publish("a", "" + i);
        }
        client.initialWindow(1 << 30);
        client.allow(0, 1 << 20);

        readUntil(stream, "data: " + (EVENTS - 1) + "\n");

        assertThat(numbers(stream)).isEqualTo(IntStream.range(0, EVENTS).boxed().toList());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void losesNothingHoweverWindowsAreOpened(long seed) throws Exception {
        var random = new Random(seed);
        List<Integer> streams = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            streams.add(client.get("/events/a"));
        }
        for (int stream : streams) {
            readUntil(stream, "\n\n");
        }
        Thread publisher =
                Thread.ofVirtual()
                        .start(() -> {
                            for (int i = 0; i < EVENTS; i++) {
                                publish("a", i);
                            }
                        });
        Map<Integer, Integer> owed = new HashMap<>();
        for (int done = 0; done < STREAMS; ) {
            RawHttp2.Frame frame = read();
            if (frame.type() != RawHttp2.DATA) {
                continue;
            }
            int stream = frame.stream();
            int due = owed.merge(stream, frame.payload().length, Integer::sum);
            // Later than that, a frame might never fit.
            if (due > WINDOW / 2 || random.nextInt(4) == 0) {
                owed.remove(stream);
                client.allow(stream, due);
                client.allow(0, due);
            }
            if (text(stream).endsWith("data: " + (EVENTS - 1) + "\n\n")) {
                done++;
            }
        }
        publisher.join();

        for (int stream : streams) {
            assertThat(numbers(stream)).isEqualTo(IntStream.range(0, EVENTS).boxed().toList());
        }
    }

    private void publish(String topic, int number) {
        try {
            server.publish(topic, "" + number);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void readUntil(int stream, String last) throws IOException {
        while (!text(stream).contains(last)) {
            read();
        }
    }

    private RawHttp2.Frame read() throws IOException {
        RawHttp2.Frame frame = client.next();
        assertThat(frame).as("the connection is open").isNotNull();
        assertThat(frame.type()).isNotIn(RawHttp2.GOAWAY, RawHttp2.RST_STREAM);
        if (frame.type() == RawHttp2.DATA) {
            received.computeIfAbsent(frame.stream(), _ -> new StringBuilder())
                    .append(new String(frame.payload(), StandardCharsets.US_ASCII));
        }
        return frame;
    }

    private String text(int stream) {
        return received.getOrDefault(stream, new StringBuilder()).toString();
    }

    private List<Integer> numbers(int stream) {
        return DATA.matcher(text(stream))
                .results()
                .map(found -> Integer.valueOf(found.group(1)))
                .toList();
    }
}
