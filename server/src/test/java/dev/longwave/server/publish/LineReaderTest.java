package dev.longwave.server.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.server.http.Allowance;
import dev.longwave.server.http.Allowances;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.net.MemoryBudget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LineReaderTest {

    private static final MemoryBudget BUDGET = new MemoryBudget(Long.MAX_VALUE);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 100_000})
    void splitsLinesHoweverTheyArrive(int chunk) throws IOException {
        String text = "one\n\ntwo\r\n" + "x".repeat(20_000) + "\nlast";

        List<String> lines = lines(new Chunks(text, chunk), 1 << 20);

        assertThat(lines).containsExactly("one", "", "two\r", "x".repeat(20_000), "last");
    }

    @Test
    void givesNothingAfterATrailingLineEnd() throws IOException {
        assertThat(lines(new Chunks("one\n", 9), 100)).containsExactly("one");
        assertThat(lines(new Chunks("", 9), 100)).isEmpty();
    }

    @Test
    void refusesALineBeyondTheBound() {
        assertThatThrownBy(() -> lines(new Chunks("x".repeat(50_000), 1000), 20_000))
                .isInstanceOf(LineReader.LineTooLongException.class);
    }

    @Test
    void saysWhetherItWaitsBetweenLinesOrWithinOne() throws IOException {
        var said = new ArrayList<Boolean>();
        try (var reader =
                new LineReader(
                        new Chunks("one\ntwo\n", 2), 100, Allowances.of(BUDGET), said::add)) {
            assertThat(reader.next()).isNotNull();
            assertThat(said).containsExactly(true, false);
            assertThat(reader.next()).isNotNull();
            assertThat(said).containsExactly(true, false, true, false);
            assertThat(reader.next()).isNull();
            assertThat(said).containsExactly(true, false, true, false, true);
        }
        assertThat(said).containsExactly(true, false, true, false, true, false);
    }

    @Test
    void givesBackWhatALongLineTook() throws IOException {
        var budget = new MemoryBudget(1 << 20);
        try (Allowance allowance = Allowances.of(budget);
                var reader =
                        new LineReader(
                                new Chunks("x".repeat(50_000) + "\nshort\n", 1000),
                                1 << 20,
                                allowance,
                                allowed -> {})) {
            assertThat(reader.next()).isNotNull();
            assertThat(budget.taken()).isBetween(42_000L, 60_000L);
            assertThat(reader.next()).isNotNull();
            assertThat(reader.next()).isNull();
            assertThat(budget.taken()).isZero();
        }
    }

    @Test
    void refusesALongLineIfThereIsNoMemoryLeft() {
        var budget = new MemoryBudget(20_000);
        var reader =
                new LineReader(
                        new Chunks("x".repeat(50_000), 1000),
                        1 << 20,
                        Allowances.of(budget),
                        allowed -> {});

        assertThatThrownBy(reader::next)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().status()).isEqualTo(503));
    }

    private static List<String> lines(InputStream input, int maxBytes) throws IOException {
        var reader = new LineReader(input, maxBytes, Allowances.of(BUDGET), allowed -> {});
        var lines = new ArrayList<String>();
        LineReader.Line line;
        while ((line = reader.next()) != null) {
            lines.add(
                    new String(line.bytes(), line.offset(), line.length(), StandardCharsets.UTF_8));
        }
        return lines;
    }

    /** Gives a few bytes at a time. */
    private static final class Chunks extends ByteArrayInputStream {
        private final int size;

        Chunks(String text, int size) {
            super(text.getBytes(StandardCharsets.UTF_8));
            this.size = size;
        }

        @Override
        public synchronized int read(byte[] bytes, int offset, int length) {
            return super.read(bytes, offset, Math.min(size, length));
        }
    }
}
