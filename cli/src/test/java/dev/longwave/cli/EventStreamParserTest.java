package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.cli.EventStreamParser.EventTooLongException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EventStreamParserTest {

    private static final String RICH =
            "\uFEFF: welcome\r\nretry: 2500\r\n\r\nid: 1\n\n"
                    + "id: 2\nevent: größe\ndata: ein € 𝄞\ndata:\ndata:  two spaces\n\n"
                    + "data\r\rdata: cr only\rid: 3\r\r"
                    + ": heartbeat\n\nid:4\r\n\r\n"
                    + "event: lost type\n\ndata: no type\n\n"
                    + "unknown: field\ndata:a:b\nid: bad\0id\nretry: 1x\n\n"
                    + "id\ndata: no id\n\n"
                    + "id: 9\ndata: cut off";

    private final EventStreamParser parser = new EventStreamParser("");

    @Test
    void readsARichStreamHoweverItIsSplitInTwo() throws Exception {
        byte[] bytes = RICH.getBytes(StandardCharsets.UTF_8);
        for (int split = 0; split <= bytes.length; split++) {
            assertRich(List.of(split, bytes.length - split), bytes);
        }
    }

    @Test
    void readsARichStreamByteByByte() throws Exception {
        byte[] bytes = RICH.getBytes(StandardCharsets.UTF_8);
        var sizes = new ArrayList<Integer>();
        for (int i = 0; i < bytes.length; i++) {
            sizes.add(1);
        }

        assertRich(sizes, bytes);
    }

    private static void assertRich(List<Integer> sizes, byte[] bytes) throws Exception {
        var parser = new EventStreamParser("0");
        var events = new ArrayList<ServerSentEvent>();
        int offset = 0;
        for (int size : sizes) {
            events.addAll(parser.parse(ByteBuffer.wrap(bytes, offset, size)));
            offset += size;
        }

        assertThat(events)
                .as("sizes=%s", sizes)
                .containsExactly(
                        new ServerSentEvent("2", "größe", "", "", "", "ein € 𝄞\n\n two spaces"),
                        new ServerSentEvent("2", "", "", "", "", ""),
                        new ServerSentEvent("3", "", "", "", "", "cr only"),
                        new ServerSentEvent("4", "", "", "", "", "no type"),
                        new ServerSentEvent("4", "", "", "", "", "a:b"),
                        new ServerSentEvent("", "", "", "", "", "no id"));
        assertThat(parser.lastEventId()).isEmpty();
        assertThat(parser.retry()).contains(Duration.ofMillis(2500));
    }

    @Test
    void movesTheLastEventIdByABlockWithoutData() throws Exception {
        assertThat(parse("id: 7\n")).isEmpty();
        assertThat(parser.lastEventId()).isEmpty();

        assertThat(parse("\n")).isEmpty();
        assertThat(parser.lastEventId()).isEqualTo("7");
    }

    @Test
    void keepsTheIdItWasGivenUntilThereIsAnother() throws Exception {
        var resumed = new EventStreamParser("5");

        List<ServerSentEvent> events =
                resumed.parse(ByteBuffer.wrap("data: x\n\n".getBytes(StandardCharsets.UTF_8)));

        assertThat(events).containsExactly(new ServerSentEvent("5", "", "", "", "", "x"));
    }

    @Test
    void endsALineAtItsCarriageReturnWithoutWaitingForTheLineFeed() throws Exception {
        assertThat(parse("data: x\r\n\r"))
                .containsExactly(new ServerSentEvent("", "", "", "", "", "x"));
        assertThat(parse("\ndata: y\n\n"))
                .containsExactly(new ServerSentEvent("", "", "", "", "", "y"));
    }

    @Test
    void takesAByteOrderMarkOnlyAtTheStart() throws Exception {
        assertThat(parse("\uFEFFdata: x\n\uFEFFdata: y\n\n"))
                .containsExactly(new ServerSentEvent("", "", "", "", "", "x"));
    }

    @Test
    void keepsANulInData() throws Exception {
        assertThat(parse("data: a\0b\n\n"))
                .containsExactly(new ServerSentEvent("", "", "", "", "", "a\0b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "+1", "1.5", "١", "1e3", "99999999999999999999"})
    void ignoresARetryThatIsNoReasonableNumber(String value) throws Exception {
        parse("retry: " + value + "\n\n");

        assertThat(parser.retry()).isEmpty();
    }

    @Test
    void stopsAtAnEventThatHasNoEnd() {
        byte[] endless = new byte[EventStreamParser.MAX_EVENT_BYTES + 1];

        assertThatThrownBy(() -> parser.parse(ByteBuffer.wrap(endless)))
                .isInstanceOf(EventTooLongException.class);
    }

    private List<ServerSentEvent> parse(String text) throws EventTooLongException {
        return parser.parse(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }
}
