package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.support.IncomingHeadersProcessor;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HeaderBlockTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NATS/1.0\r\n\r\n",
                "NATS/1.0 503\r\n\r\n",
                "NATS/1.0 404 No Messages\r\nA: b\r\n\r\n",
                "NATS/1.0\r\nA:b\r\nA: \r\nC:\r\n\r\n"
            })
    void leavesAWellFormedBlockAsItIs(String block) {
        byte[] bytes = bytes(block);

        assertThat(HeaderBlock.repaired(bytes)).isSameAs(bytes);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "A: é;B:x;;          | A: %C3%A9;B:x;;",
                "A: b;no colon;C:d;; | A: b;C:d;;",
                ": no name;B:x;;     | B:x;;",
                "a b: x;B:x;;        | B:x;;",
                "é: x;B:x;;          | B:x;;",
                "A:x;                | A:x;;",
                "A:x                 | A:x;;",
                "''                  | ;"
            })
    void repairsLines(String lines, String repaired) {
        byte[] block = bytes("NATS/1.0;" + lines.strip());

        assertThat(text(HeaderBlock.repaired(block))).isEqualTo("NATS/1.0;" + repaired.strip());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "NATS", "NATS/2.0", "NATS/1.0 x", "NATS/1.0 1234", "NATS/1.0 12"})
    void replacesAnImproperFirstLine(String line) {
        assertThat(text(HeaderBlock.repaired(bytes(line + ";A:b;;")))).isEqualTo("NATS/1.0;A:b;;");
    }

    @Test
    void makesWhatTheLibraryAcceptsOfAnything() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        String alphabet = "AB: \r\n\té%\0NATS/1.0 503";
        for (int i = 0; i < 50_000; i++) {
            var block = new StringBuilder(random.nextBoolean() ? "NATS/1.0\r\n" : "");
            for (int length = random.nextInt(30); length > 0; length--) {
                block.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            block.append(random.nextBoolean() ? "\r\n\r\n" : "");
            byte[] repaired =
                    HeaderBlock.repaired(block.toString().getBytes(StandardCharsets.UTF_8));

            assertThat(new IncomingHeadersProcessor(repaired).getSerializedLength())
                    .as("seed %d block %s", seed, block)
                    .isEqualTo(repaired.length);
            assertThat(HeaderBlock.repaired(repaired)).as("seed %d", seed).isSameAs(repaired);
        }
    }

    private static byte[] bytes(String text) {
        return text.replace(";", "\r\n").getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8).replace("\r\n", ";");
    }
}
