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
                .isInstanceOf(LineInput.LineTooLongException.class)
                .hasMessageContaining("maxBytes=" + LineInput.MAX_LINE_BYTES);
    }

    @Test
    void goesOnAfterALineThatIsTooLong() throws Exception {
        var input = input("a\n" + "x".repeat(3 * LineInput.MAX_LINE_BYTES) + "\nb");

        assertThat(input.next().orElseThrow()).isEqualTo(new byte[] {'a'});
        assertThatThrownBy(input::next).isInstanceOf(LineInput.LineTooLongException.class);
        assertThat(input.next().orElseThrow()).isEqualTo(new byte[] {'b'});
        assertThat(input.next()).isEmpty();
    }

    private static LineInput input(String text) {
        return new LineInput(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<String> lines(String text) throws IOException {
        LineInput input = input(text);
        var lines = new ArrayList<String>();
        Optional<byte[]> line = input.next();
        while (line.isPresent()) {
            lines.add(new String(line.get(), StandardCharsets.UTF_8));
            line = input.next();
        }
        return lines;
    }
}
