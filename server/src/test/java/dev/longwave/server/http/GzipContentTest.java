package dev.longwave.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.server.net.MemoryBudget;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GzipContentTest {

    private static final long SEED = 42;
    private static final int NAME_FLAG = 8;

    private final MemoryBudget budget = new MemoryBudget(1 << 20);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1000, 1_000_000})
    void decodesHoweverItArrives(int chunk) throws IOException {
        byte[] data = data();

        assertThat(decoded(gzip(data), chunk)).isEqualTo(data);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1_000_000})
    void decodesSeveralMembers(int chunk) throws IOException {
        byte[] both = concat(gzip(bytes("one ")), gzip(bytes("")), gzip(bytes("two")));

        assertThat(decoded(both, chunk)).isEqualTo(bytes("one two"));
    }

    @Test
    void skipsTheNameOfAFile() throws IOException {
        byte[] plain = gzip(bytes("x"));
        plain[3] = NAME_FLAG;
        byte[] named =
                concat(
                        Arrays.copyOf(plain, 10),
                        bytes("name\0"),
                        Arrays.copyOfRange(plain, 10, plain.length));

        assertThat(decoded(named, 1)).isEqualTo(bytes("x"));
    }

    @Test
    void takesNothingForNothing() throws IOException {
        assertThat(decoded(new byte[0], 1)).isEmpty();
    }

    @Test
    void refusesEachTruncation() throws IOException {
        byte[] whole = gzip(bytes("some text, some text"));
        for (int length = 1; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);

            assertRefused(part);
        }
    }

    @Test
    void refusesWhatIsNotGzip() throws IOException {
        byte[] whole = gzip(bytes("some text"));
        byte[] wrongCheck = whole.clone();
        wrongCheck[whole.length - 5] ^= 1;
        byte[] reserved = whole.clone();
        reserved[3] = (byte) 0x80;

        assertRefused(bytes("{\"data\":1}"));
        assertRefused(wrongCheck);
        assertRefused(reserved);
        assertRefused(concat(whole, bytes("\0")));
        assertRefused(concat(whole, bytes("and more")));
    }

    @Test
    void decodesNoMoreThanIsRead() throws IOException {
        byte[] bomb = gzip(new byte[100 << 20]);
        try (InputStream content = new GzipContent(new ByteArrayInputStream(bomb), allowance())) {
            assertThat(content.readNBytes(1000)).hasSize(1000);
            assertThat(budget.taken()).isLessThan(100 << 10);
        }
    }

    @Test
    void givesBackWhatItTook() throws IOException {
        var content = new GzipContent(new ByteArrayInputStream(gzip(bytes("x"))), allowance());
        assertThat(budget.taken()).isPositive();

        content.close();

        assertThat(budget.taken()).isZero();
    }

    private Allowance allowance() {
        return Allowances.of(budget);
    }

    private void assertRefused(byte[] bytes) {
        assertThatThrownBy(() -> decoded(bytes, 3))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e ->
                                assertThat(e.problem().rule())
                                        .isEqualTo("content-encoding-malformed"));
    }

    private byte[] decoded(byte[] bytes, int chunk) throws IOException {
        try (InputStream content = new GzipContent(new Chunks(bytes, chunk), allowance())) {
            return content.readAllBytes();
        }
    }

    private static byte[] data() {
        byte[] data = new byte[100_000];
        new Random(SEED).nextBytes(data);
        Arrays.fill(data, 20_000, 60_000, (byte) 'x');
        return data;
    }

    private static byte[] gzip(byte[] data) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(data);
        }
        return bytes.toByteArray();
    }

    private static byte[] concat(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Gives a few bytes at a time. */
    private static final class Chunks extends ByteArrayInputStream {
        private final int size;

        Chunks(byte[] bytes, int size) {
            super(bytes);
            this.size = size;
        }

        @Override
        public synchronized int read(byte[] bytes, int offset, int length) {
            return super.read(bytes, offset, Math.min(size, length));
        }
    }
}
