package dev.longwave.server.sse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.core.Cursors;
import dev.longwave.core.Event;
import dev.longwave.core.EventId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SseBatchTest {

    private static final Position POSITION = new Position(1, 1);
    private static final String ID = EventId.of("a", POSITION);

    /** Where a stream of one topic stands that has received {@code last}. */
    private record At(Event last) implements Cursors {

        @Override
        public int count() {
            return 1;
        }

        @Override
        public String id() {
            return last.id();
        }
    }

    /** Where a stream of two topics stands. */
    private record AtBoth(String id) implements Cursors {

        @Override
        public int count() {
            return 2;
        }

        @Override
        public @Nullable Event last() {
            return null;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void writesASingleFrameWithoutCopying(boolean chunked) {
        var batch = new SseBatch(chunked, Heartbeats.COMMENTS, "");
        Event event = event("x");

        batch.add(event, new At(event));

        assertThat(batch.bytes().array()).isSameAs(event.frame(SseFormat.EVENTS).bytes);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void putsSeveralFramesIntoOneWrite(boolean chunked) {
        var batch = new SseBatch(chunked, Heartbeats.COMMENTS, "");
        Event one = event("one");
        Event two = event("two");

        batch.addLines(": hi\n\n");
        batch.add(one, new At(one));
        batch.add(two, new At(two));
        batch.add(event("three"), new AtBoth("other"));

        assertThat(body(batch, chunked))
                .isEqualTo(
                        ": hi\n\nid: "
                                + ID
                                + "\ndata: one\n\nid: "
                                + ID
                                + "\ndata: two\n\nid: other\ntopic: a\ndata: three\n\n");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isFullSoonerOrLater(boolean chunked) {
        var batch = new SseBatch(chunked, Heartbeats.COMMENTS, "");
        Event event = event("x".repeat(1000));
        int added = 0;
        while (!batch.isFull()) {
            batch.add(event, new At(event));
            added++;
        }

        assertThat(added).isBetween(10, 20);
        assertThat(body(batch, chunked)).endsWith("x\n\n");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sharesTheHeartbeatOfAllStreams(boolean chunked) {
        var batch = new SseBatch(chunked, Heartbeats.COMMENTS, "");
        var another = new SseBatch(chunked, Heartbeats.COMMENTS_ONLY, "");

        batch.addHeartbeat(new At(event("x")));
        another.addHeartbeat(new AtBoth("both"));

        assertThat(batch.bytes().array()).isSameAs(another.bytes().array());
        assertThat(body(batch, chunked)).isEqualTo(":\n");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sharesTheIdHeartbeatOfStreamsThatStandAtTheSameEvent(boolean chunked) {
        var batch = new SseBatch(chunked, Heartbeats.IDS, "");
        var another = new SseBatch(chunked, Heartbeats.IDS, "");
        Event event = event("x");

        batch.addHeartbeat(new At(event));
        another.addHeartbeat(new At(event));

        assertThat(batch.bytes().array()).isSameAs(another.bytes().array());
        assertThat(body(batch, chunked)).isEqualTo(":\nid: " + ID + "\n\n");
    }

    @ParameterizedTest
    @CsvSource({"IDS, ':\nid: both\n\n'", "COMMENTS, ':\n'", "COMMENTS_ONLY, ':\n'"})
    void makesTheHeartbeatOfAStreamOfSeveralTopics(Heartbeats heartbeats, String expected) {
        var batch = new SseBatch(false, heartbeats, "");

        batch.addHeartbeat(new AtBoth("both"));

        assertThat(body(batch, false)).isEqualTo(expected);
    }

    @Test
    void endsNoBlockForAClientThatWantsCommentsOnly() {
        var batch = new SseBatch(false, Heartbeats.COMMENTS_ONLY, "");
        Event event = event("x");

        batch.addWithId(": hi\n", "start");
        batch.addHeartbeat(new At(event));
        batch.add(event, new At(event));

        assertThat(body(batch, false)).isEqualTo(": hi\nid: start\n:\nid: " + ID + "\ndata: x\n\n");
    }

    @Test
    void givesAnEphemeralEventNoId() {
        var batch = new SseBatch(false, Heartbeats.COMMENTS, "");
        Event event = event("x");
        Event typing = ephemeral("typing");

        batch.add(event, new At(event));
        batch.add(typing, new At(event));
        batch.add(typing, new AtBoth("both"));

        assertThat(body(batch, false))
                .isEqualTo("id: " + ID + "\ndata: x\n\ndata: typing\n\ntopic: a\ndata: typing\n\n");
    }

    @Test
    void givesTheFirstEventOfAConnectionAnIdInAnyCase() {
        var batch = new SseBatch(false, Heartbeats.COMMENTS, "");
        Event typing = ephemeral("typing");

        batch.add(typing, new At(typing));
        batch.add(typing, new At(typing));

        assertThat(body(batch, false))
                .isEqualTo("id: " + ID + "\ndata: typing\n\ndata: typing\n\n");
    }

    @Test
    void givesTheFirstEventNoIdWhereTheOpeningHadIt() {
        var batch = new SseBatch(true, Heartbeats.COMMENTS, "");
        Event typing = ephemeral("typing");
        batch.noteId();

        batch.add(typing, new At(typing));

        assertThat(body(batch, true)).isEqualTo("data: typing\n\n");
        assertThat(batch.bytes().array()).isSameAs(typing.frame(SseFormat.EVENTS).bytes);
    }

    @Test
    void isEmptyAgainOnceCleared() {
        var batch = new SseBatch(true, Heartbeats.COMMENTS, "");
        batch.add(event("one"), new AtBoth("1"));
        batch.add(event("two"), new AtBoth("2"));

        batch.clear();

        assertThat(batch.isEmpty()).isTrue();
    }

    private static Event event(String data) {
        var message = Message.of(data.getBytes(StandardCharsets.UTF_8));
        return Event.of("a", Entry.of(POSITION, Instant.EPOCH, message));
    }

    private static Event ephemeral(String data) {
        var message = Message.of(data.getBytes(StandardCharsets.UTF_8));
        return Event.of("a", EphemeralMessage.of(message), POSITION);
    }

    private static String body(SseBatch batch, boolean chunked) {
        ByteBuffer all = batch.bytes();
        String bytes = StandardCharsets.UTF_8.decode(all).toString();
        if (!chunked) {
            return bytes;
        }
        int headerEnd = bytes.indexOf("\r\n");
        int size = Integer.parseInt(bytes.substring(0, headerEnd), 16);
        assertThat(bytes.substring(headerEnd + 2 + size)).isEqualTo("\r\n");
        return bytes.substring(headerEnd + 2, headerEnd + 2 + size);
    }
}
