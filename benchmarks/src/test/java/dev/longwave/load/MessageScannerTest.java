package dev.longwave.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class MessageScannerTest {
    private static final int DATA_BYTES = 64;

    private final List<String> seen = new ArrayList<>();

    @Test
    void findsBareData() throws IOException {
        MessageScanner scanner = scanner(Dialect.BARE);

        scan(scanner, data(1, 10));
        scanner.end();
        scan(scanner, data(2, 20));
        scanner.end();
        scan(scanner, "something else");
        scanner.end();
        scan(scanner, data(3, 30));
        scanner.end();

        assertThat(seen).containsExactly("1@10", "2@20", "s", "3@30");
    }

    @Test
    void findsAnEventOfSocketIo() throws IOException {
        MessageScanner scanner = scanner(Dialect.SOCKET_IO);

        scan(scanner, "42[\"event\",\"" + data(1, 10) + "\"]");
        scanner.end();
        scan(scanner, "2");
        scanner.end();

        assertThat(seen).containsExactly("1@10", "2");
    }

    static IntStream everyOffset() {
        return IntStream.range(1, lines().length());
    }

    @ParameterizedTest
    @MethodSource("everyOffset")
    void findsLinesOfCentrifugeCutAnywhere(int cut) throws IOException {
        MessageScanner scanner = scanner(Dialect.CENTRIFUGE);

        scan(scanner, lines().substring(0, cut));
        scan(scanner, lines().substring(cut));
        scanner.end();

        assertThat(seen)
                .containsExactly(
                        "1@10",
                        "{}",
                        "{\"push\":{\"channel\":\"data\",\"pub\":{\"data\":\"x\"}}}",
                        "2@20");
    }

    @Test
    void waitsForTheEndOfTheMessage() throws IOException {
        MessageScanner scanner = scanner(Dialect.BARE);

        scan(scanner, data(1, 10));
        assertThat(seen).isEmpty();

        scanner.end();
        assertThat(seen).containsExactly("1@10");
    }

    private static String lines() {
        return push(data(1, 10)) + "\n{}\n" + push("x") + '\n' + push(data(2, 20));
    }

    private static String push(String data) {
        return "{\"push\":{\"channel\":\"data\",\"pub\":{\"data\":\"" + data + "\"}}}";
    }

    private MessageScanner scanner(Dialect dialect) {
        var sink =
                new MessageScanner.Sink() {
                    @Override
                    public void event(long sequence, long dueAt) {
                        seen.add(sequence + "@" + dueAt);
                    }

                    @Override
                    public void other(String beginning) {
                        seen.add(beginning);
                    }
                };
        return new MessageScanner(sink, dialect.marker(), dialect.hasLines());
    }

    private static void scan(MessageScanner scanner, String text) throws IOException {
        scanner.scan(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0, text.length());
    }

    private static String data(long sequence, long dueAt) {
        ByteBuffer buffer = ByteBuffer.allocate(DATA_BYTES);
        new EventData(DATA_BYTES).put(buffer, sequence, dueAt);
        return new String(buffer.array(), StandardCharsets.US_ASCII);
    }
}
