package dev.longwave.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EventStreamParserTest {

    @Test
    void dispatchesAnEventAtTheBlankLine() {
        assertThat(events("data: a\n")).isEmpty();
        assertThat(events("data: a\n\n")).containsExactly(message("", "a"));
        assertThat(events("data: a")).isEmpty();
    }

    @Test
    void joinsLinesWithLineFeed() {
        assertThat(events("data: a\ndata\ndata:  b\n\n")).containsExactly(message("", "a\n\n b"));
    }

    @Test
    void dispatchesEmptyDataIfThereIsADataField() {
        assertThat(events("data\n\n")).containsExactly(message("", ""));
        assertThat(events("data:\n\n")).containsExactly(message("", ""));
        assertThat(events("data: \ndata: \n\n")).containsExactly(message("", "\n"));
        assertThat(events("event: x\n\ndata: a\n\n")).containsExactly(message("", "a"));
    }

    @Test
    void takesAnyLineBreak() {
        assertThat(events("data: a\r\rdata: b\r\n\r\ndata: c\n\n"))
                .containsExactly(message("", "a"), message("", "b"), message("", "c"));
        assertThat(events("data: a\r\ndata: b\r\n\n")).containsExactly(message("", "a\nb"));
    }

    @Test
    void keepsTheLastEventIdUntilAnotherOneComes() {
        assertThat(events("id: 1\ndata: a\n\ndata: b\n\nid: 2\n\ndata: c\n\nid\ndata: d\n\n"))
                .containsExactly(
                        message("1", "a"), message("1", "b"), message("2", "c"), message("", "d"));
    }

    @Test
    void ignoresAnIdWithNull() {
        assertThat(events("id: 1\nid: 2\0\ndata: a\n\n")).containsExactly(message("1", "a"));
    }

    @Test
    void takesTheIdOnlyAtTheBlankLine() {
        assertThat(parsed("id: 1\n\nid: 2\n").lastEventId).isEqualTo("1");
        assertThat(parsed("id: 1\n\nid: 2\n\n").lastEventId).isEqualTo("2");
    }

    @Test
    void losesTheIdAtABlockBeforeTheFirstIdOfAStream() {
        var source = new Recorder();
        source.lastEventId = "of the stream before";

        parse(
                new EventStreamParser(source),
                ": hello\nretry: 1\n\n".getBytes(StandardCharsets.UTF_8),
                1);

        assertThat(source.lastEventId).isEmpty();
    }

    @Test
    void resetsTheTypeWithEachEvent() {
        assertThat(events("event: x\ndata: a\n\ndata: b\n\n"))
                .containsExactly(new ReceivedEvent("", "x", "a"), message("", "b"));
    }

    @Test
    void ignoresCommentsUnknownFieldsAndFieldsInOtherCase() {
        assertThat(events(":data: no\n: no\nDATA: no\n data: no\nfoo: no\ndata: a\n\n"))
                .containsExactly(message("", "a"));
    }

    @Test
    void takesAReconnectionTimeOfDigitsOnly() {
        assertThat(parsed("retry: 1500\n").times).containsExactly(Duration.ofMillis(1500));
        assertThat(parsed("retry: 1s\nretry:\nretry: -1\nretry: +1\n").times).isEmpty();
    }

    @Test
    void dropsOneByteOrderMarkAtTheBeginning() {
        assertThat(events("\uFEFFdata: a\n\n")).containsExactly(message("", "a"));
        assertThat(events("\uFEFF\uFEFFdata: a\n\n")).isEmpty();
        assertThat(events("data: a\n\n\uFEFFdata: b\n\n")).containsExactly(message("", "a"));
        assertThat(events("data: \uFEFFa\n\n")).containsExactly(message("", "\uFEFFa"));
    }

    @Test
    void replacesWhatIsNotUtf8() {
        byte[] stream = "data: a_b\n\n".getBytes(StandardCharsets.UTF_8);
        stream[7] = (byte) 0xE2;
        var source = new Recorder();

        parse(new EventStreamParser(source), stream, stream.length);

        assertThat(source.events).containsExactly(message("", "a\uFFFDb"));
    }

    @Test
    void readsTheSameWhereverTheStreamIsSplit() {
        byte[] stream =
                "\uFEFF: hi\r\nretry: 7\r\nid: 1\r\n\r\nid: é🚀\revent: 漢\rdata: 𝄞\rdata\r\rdata: \0x\n\nid: 3\n\n"
                        .getBytes(StandardCharsets.UTF_8);
        var expected =
                List.of(
                        new ReceivedEvent("é🚀", "漢", "𝄞\n"),
                        new ReceivedEvent("é🚀", "message", "\0x"));

        for (int split = 0; split <= stream.length; split++) {
            var source = new Recorder();
            var parser = new EventStreamParser(source);
            parser.accept(stream, 0, split);
            parser.accept(stream, split, stream.length - split);
            assertThat(source.events).as("split at %d", split).isEqualTo(expected);
            assertThat(source.lastEventId).isEqualTo("3");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void readsTheSameInPiecesOfAnySize(int size) {
        byte[] stream =
                "data: a\r\n\r\ndata: b\r\rdata: c\n\nid: 1\r\ndata: é🚀\r\n\r\n"
                        .getBytes(StandardCharsets.UTF_8);
        var source = new Recorder();

        parse(new EventStreamParser(source), stream, size);

        assertThat(source.events)
                .containsExactly(
                        message("", "a"), message("", "b"), message("", "c"), message("1", "é🚀"));
    }

    private static ReceivedEvent message(String id, String data) {
        return new ReceivedEvent(id, "message", data);
    }

    private static List<ReceivedEvent> events(String stream) {
        return parsed(stream).events;
    }

    private static Recorder parsed(String stream) {
        var source = new Recorder();
        parse(new EventStreamParser(source), stream.getBytes(StandardCharsets.UTF_8), 1);
        return source;
    }

    private static void parse(EventStreamParser parser, byte[] stream, int size) {
        for (int at = 0; at < stream.length; at += size) {
            parser.accept(stream, at, Math.min(size, stream.length - at));
        }
    }

    private static final class Recorder implements EventStreamParser.Source {
        private final List<ReceivedEvent> events = new ArrayList<>();
        private final List<Duration> times = new ArrayList<>();
        private String lastEventId = "";

        @Override
        public void lastEventId(String id) {
            lastEventId = id;
        }

        @Override
        public void event(String type, String data) {
            events.add(new ReceivedEvent(lastEventId, type, data));
        }

        @Override
        public void reconnectionTime(Duration time) {
            times.add(time);
        }
    }
}
