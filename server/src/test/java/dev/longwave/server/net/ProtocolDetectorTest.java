package dev.longwave.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Optional;
import java.util.Queue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ProtocolDetectorTest {

    static Stream<Arguments> clients() {
        return Stream.of(
                Arguments.of("GET / HTTP/1.1\r\nHost: h\r\n\r\n", Protocol.HTTP_1),
                Arguments.of("GET / HTTP/1.0\r\n\r\n", Protocol.HTTP_1),
                Arguments.of("POST / HTTP/1.1\r\n", Protocol.HTTP_1),
                Arguments.of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Protocol.HTTP_2),
                // Not quite the preface, so it is for the engine of HTTP/1 to refuse.
                Arguments.of("PRI * HTTP/2.0\r\n\r\nSM\r\n\rx", Protocol.HTTP_1),
                Arguments.of("PRI * HTTP/1.0\r\n\r\n", Protocol.HTTP_1),
                Arguments.of("\r\n", Protocol.HTTP_1),
                Arguments.of("\u0016\u0003\u0001 a TLS hello", Protocol.HTTP_1));
    }

    @ParameterizedTest
    @MethodSource("clients")
    void findsTheProtocolHoweverTheFirstBytesAreSplit(String sent, Protocol protocol) {
        byte[] bytes = ascii(sent);
        for (int split = 1; split <= bytes.length; split++) {
            var parts = new ArrayDeque<byte[]>();
            parts.add(Arrays.copyOf(bytes, split));
            if (split < bytes.length) {
                parts.add(Arrays.copyOfRange(bytes, split, bytes.length));
            }

            ProtocolDetector.Detected detected = detect(parts).orElseThrow();

            assertThat(detected.protocol()).as("split after %d bytes", split).isEqualTo(protocol);
            assertThat(everything(detected, parts)).isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @MethodSource("clients")
    void findsTheProtocolByteByByte(String sent, Protocol protocol) {
        byte[] bytes = ascii(sent);
        var parts = new ArrayDeque<byte[]>();
        for (byte b : bytes) {
            parts.add(new byte[] {b});
        }

        ProtocolDetector.Detected detected = detect(parts).orElseThrow();

        assertThat(detected.protocol()).isEqualTo(protocol);
        assertThat(everything(detected, parts)).isEqualTo(bytes);
    }

    @Test
    void leavesWhatEndsTooEarlyToTheEngine() {
        var parts = new ArrayDeque<byte[]>();
        parts.add(ascii("PRI * HT"));

        ProtocolDetector.Detected detected = detect(parts).orElseThrow();

        assertThat(detected.protocol()).isEqualTo(Protocol.HTTP_1);
        assertThat(detected.first()).isEqualTo(ascii("PRI * HT"));
    }

    @Test
    void findsNothingIfTheClientLeavesAtOnce() {
        assertThat(detect(new ArrayDeque<>())).isEmpty();
    }

    @Test
    void takesTheWordOfTheHandshakeForIt() {
        var parts = new ArrayDeque<byte[]>();
        parts.add(ascii("P"));

        ProtocolDetector.Detected detected =
                ProtocolDetector.detect(parts::poll, Protocol.HTTP_2).orElseThrow();

        assertThat(detected.protocol()).isEqualTo(Protocol.HTTP_2);
        assertThat(detected.first()).isEqualTo(ascii("P"));
    }

    private static Optional<ProtocolDetector.Detected> detect(Queue<byte[]> parts) {
        return ProtocolDetector.detect(parts::poll, null);
    }

    /** What the engine gets: what was read first, and then the parts that are left. */
    private static byte[] everything(ProtocolDetector.Detected detected, Queue<byte[]> left) {
        var all = new ByteArrayOutputStream();
        all.writeBytes(detected.first());
        left.forEach(all::writeBytes);
        return all.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
