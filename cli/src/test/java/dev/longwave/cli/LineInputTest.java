package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class LineInputTest {

    @Test
    void splitsAtLineFeedsAndLeavesOutTheCarriageReturnBeforeThem() throws Exception {
        assertThat(lines("a\nb\r\n\nc\rd\n€")).containsExactly("a", "b", "", "c\rd", "€");
    }

    @Test
    void hasNoEmptyLineAfterTheLastLineFeed() throws Exception {
        assertThat(lines("a\n")).containsExactly("a");
        assertThat(lines("\n")).containsExactly("");
        assertThat(lines("")).isEmpty();
    }

    @Test
    void readsALineThatIsLongerThanItsBuffer() throws Exception {
        String line = "x".repeat(200_000);

        assertThat(lines(line + "\ny")).containsExactly(line, "y");
    }

    @Test
    void stopsAtALineThatHasNoEnd() {
        String line = "x".repeat(LineInput.MAX_LINE_BYTES + 1);

        assertThatThrownBy(() -> lines(line))
                .isInstanceOf(IOException.class)
                .hasMessage("too long max=" + LineInput.MAX_LINE_BYTES);
    }

    private static List<String> lines(String text) throws IOException {
        var input = new LineInput(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        var lines = new ArrayList<String>();
        Optional<String> line = input.next();
        while (line.isPresent()) {
            lines.add(line.get());
            line = input.next();
        }
        return lines;
    }
}
