package dev.longwave.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SseBatchTest {

    private final SseEncoder encoder = new SseEncoder("a");

    @ParameterizedTest
    @EnumSource
    void writesASingleFrameWithoutCopying(SseBatch.Framing framing) {
        var batch = new SseBatch(framing);
        Frame frame = frame("x");

        batch.add(frame);
        batch.finish();

        assertThat(batch.array()).isSameAs(frame.bytes);
    }

    @ParameterizedTest
    @EnumSource
    void putsSeveralFramesIntoOneWrite(SseBatch.Framing framing) {
        var batch = new SseBatch(framing);
        batch.addLines(": hi\n\n");
        batch.add(frame("one"));
        batch.add(frame("two"));
        batch.addWithId("other", frame("three"));
        batch.finish();

        String body = body(batch, framing);

        String id = EventId.of("a", new Position(1, 1));
        assertThat(body)
                .isEqualTo(
                        ": hi\n\nid: "
                                + id
                                + "\ndata: one\n\nid: "
                                + id
                                + "\ndata: two\n\nid: other\ndata: three\n\n");
    }

    @ParameterizedTest
    @EnumSource
    void isFullSoonerOrLater(SseBatch.Framing framing) {
        var batch = new SseBatch(framing);
        int added = 0;
        while (!batch.isFull()) {
            batch.add(frame("x".repeat(1000)));
            added++;
        }
        batch.finish();

        assertThat(added).isBetween(10, 20);
        assertThat(body(batch, framing)).endsWith("x\n\n");
    }

    @Test
    void isEmptyAgainOnceCleared() {
        var batch = new SseBatch(SseBatch.Framing.CHUNKED);
        batch.add(frame("one"));
        batch.add(frame("two"));
        batch.finish();

        batch.clear();

        assertThat(batch.isEmpty()).isTrue();
        assertThat(batch.array()).isEmpty();
    }

    private static String body(SseBatch batch, SseBatch.Framing framing) {
        String bytes =
                new String(batch.array(), batch.offset(), batch.length(), StandardCharsets.UTF_8);
        if (framing == SseBatch.Framing.PLAIN) {
            return bytes;
        }
        int headerEnd = bytes.indexOf("\r\n");
        int size = Integer.parseInt(bytes.substring(0, headerEnd), 16);
        assertThat(bytes.substring(headerEnd + 2 + size)).isEqualTo("\r\n");
        return bytes.substring(headerEnd + 2, headerEnd + 2 + size);
    }

    private Frame frame(String data) {
        var message = Message.of(data.getBytes(StandardCharsets.UTF_8));
        var entry = Entry.of(new Position(1, 1), Instant.EPOCH, message);
        return Objects.requireNonNull(encoder.message(1, entry).frame());
    }
}
