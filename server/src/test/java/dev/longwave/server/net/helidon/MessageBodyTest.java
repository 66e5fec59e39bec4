package dev.longwave.server.net.helidon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.longwave.server.net.RequestFaultException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code |} stands for CR LF. */
final class MessageBodyTest {

    private static final long CHUNKED = HeaderFields.CHUNKED;
    private static final String NEXT = "GET / HTTP/1.1";

    private static final class Left extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '@',
            value = {
                "abc@3|abc|0||",
                "abcdef@3|abc|3|def|0||",
                "abcdefghijklmnopq@1|a|10|bcdefghijklmnopq|0||",
                "abcdefghijk@B|abcdefghijk|000||",
                "abc@0000000003|abc|0||",
                "abc@3;a=b;c=\"d\"|abc|0;x||",
                "abc@3|abc|0|A: b|C:d||",
                "''@0||",
            })
    void readsChunksHoweverTheyAreSplit(String data, String sent) throws IOException {
        byte[] bytes = bytes(sent + NEXT);
        for (int split = 0; split <= bytes.length; split++) {
            Sent client = new Sent(bytes, split);
            var body = new MessageBody(client.received, CHUNKED, client::receive);

            assertThat(body.readAllBytes()).as("split=%d", split).isEqualTo(bytes(data));
            assertThat(client.rest()).isEqualTo(NEXT);
            assertThat(body.fault()).isEmpty();
        }
    }

    @Test
    void readsAsMuchAsWasAnnounced() throws IOException {
        byte[] bytes = bytes("abc" + NEXT);
        for (int split = 0; split <= bytes.length; split++) {
            Sent client = new Sent(bytes, split);
            var body = new MessageBody(client.received, 3, client::receive);

            assertThat(body.readAllBytes()).isEqualTo(bytes("abc"));
            assertThat(client.rest()).isEqualTo(NEXT);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "|abc|0||",
                "x|",
                "0x3|abc|0||",
                "-3|abc|0||",
                "+3|abc|0||",
                "3 |abc|0||",
                " 3|abc|0||",
                "3\nabc\n0\n\n",
                "3;a\nabc|0||",
                "3\rxabc|0||",
                "00000000003|abc|0||",
                "10000000000|abc",
                "3;\u0001|abc|0||",
                "3|abcXX0||",
                "3|abc\n0||",
                "3|abcd|0||",
                "3|abc|0|A: b\n|",
                "3|abc|0|\u0000: b||",
                "3|abc|0|\rx",
            })
    void refusesFaultyChunksHoweverTheyAreSplit(String sent) {
        byte[] bytes = bytes(sent);
        for (int split = 0; split <= bytes.length; split++) {
            Sent client = new Sent(bytes, split);
            var body = new MessageBody(client.received, CHUNKED, client::receive);

            assertThatExceptionOfType(RequestFaultException.class)
                    .as("split=%d", split)
                    .isThrownBy(body::readAllBytes)
                    .satisfies(e -> assertThat(e.fault().status()).isEqualTo(400));
            assertThat(body.fault()).isPresent();
            assertThat(body.skip()).isFalse();
        }
    }

    @Test
    void boundsExtensionsAndTrailers() {
        assertThat(read("3;" + "a".repeat(256) + "|abc|0||")).isEqualTo("abc");
        assertThatExceptionOfType(RequestFaultException.class)
                .isThrownBy(() -> read("3;" + "a".repeat(257) + "|abc|0||"));
        assertThat(read("3|abc|0|" + "A: b|".repeat(1024) + "|")).isEqualTo("abc");
        assertThatExceptionOfType(RequestFaultException.class)
                .isThrownBy(() -> read("3|abc|0|" + "A: b|".repeat(1025) + "|"));
    }

    @Test
    void saysThatTheClientLeft() {
        assertThatExceptionOfType(Left.class).isThrownBy(() -> read("4|abc"));
    }

    @Test
    void skipsOnlyWhatHasArrived() {
        byte[] bytes = bytes("3|abc|0||");
        for (int split = 0; split <= bytes.length; split++) {
            Sent client = new Sent(bytes, split);
            client.receive();
            var body = new MessageBody(client.received, CHUNKED, client::receive);

            assertThat(body.skip()).isEqualTo(split == 0 || split == bytes.length);
        }
    }

    private static String read(String sent) {
        byte[] bytes = bytes(sent);
        Sent client = new Sent(bytes, bytes.length);
        var body = new MessageBody(client.received, CHUNKED, client::receive);
        return new String(readAll(body), StandardCharsets.UTF_8);
    }

    private static byte[] readAll(MessageBody body) {
        byte[] all = new byte[100];
        int length = 0;
        for (int b = body.read(); b >= 0; b = body.read()) {
            all[length++] = (byte) b;
        }
        return Arrays.copyOf(all, length);
    }

    private static byte[] bytes(String text) {
        return text.replace("|", "\r\n").getBytes(StandardCharsets.UTF_8);
    }

    /** What a client sends, in two parts. */
    private static final class Sent {
        private final Queue<byte[]> parts = new ArrayDeque<>();
        private final ReceivedBytes received = new ReceivedBytes(new byte[0], parts::poll);

        Sent(byte[] bytes, int split) {
            for (byte[] part :
                    new byte[][] {
                        Arrays.copyOf(bytes, split), Arrays.copyOfRange(bytes, split, bytes.length)
                    }) {
                if (part.length > 0) {
                    parts.add(part);
                }
            }
        }

        void receive() {
            if (!received.receive()) {
                throw new Left();
            }
        }

        /** What the next reader gets. */
        String rest() {
            while (received.receive()) {
                // All that is left.
            }
            return new String(received.takeAll(), StandardCharsets.UTF_8);
        }
    }
}
