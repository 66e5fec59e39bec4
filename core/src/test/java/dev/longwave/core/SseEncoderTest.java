package dev.longwave.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SseEncoderTest {

    private static final Position POSITION = new Position(3, 4);
    private final SseEncoder encoder = new SseEncoder("news");

    @Test
    void writesIdTypeAndData() {
        assertThat(body(frame("update", "hello")))
                .isEqualTo(
                        "id: " + EventId.of("news", POSITION) + "\nevent: update\ndata: hello\n\n");
    }

    @Test
    void writesTheTopicOfAnEventThatCameThroughAPattern() {
        var entry = Entry.of(POSITION, Instant.EPOCH, Message.of(new byte[] {'x'})).in("jobs/ü 1");
        Frame frame = Objects.requireNonNull(new SseEncoder("jobs/*").message(1, entry).frame());

        assertThat(body(frame))
                .isEqualTo(
                        "id: " + EventId.of("jobs/*", POSITION) + "\ntopic: jobs/ü 1\ndata: x\n\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " leading space",
                "\n",
                "\r\n",
                "\r",
                "a\nb",
                "a\rb",
                "a\r\nb",
                "\n\n",
                "end\n",
                "end\r",
                "\n\r",
                "\r\n\r\n",
                ":",
                "data: x",
                "\uFEFFbom",
                "nul\0nul",
                "ünï\uD83D\uDE00",
                "id: 1\n\nevent: x"
            })
    void roundTripsAnyDataUpToTheKindOfLineBreak(String data) {
        SseBatch batch = new SseBatch(SseBatch.Framing.PLAIN);
        batch.add(frame(null, data));

        assertThat(Blocks.of(batch))
                .singleElement()
                .satisfies(block ->
                        assertThat(block.data())
                                .contains(data.replace("\r\n", "\n").replace('\r', '\n')));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 200, 255, 256, 4095, 4096, 70_000})
    void framesAChunkOfTheRightLength(int length) {
        Frame frame = frame(null, "x".repeat(length));
        String all = new String(frame.bytes, StandardCharsets.UTF_8);

        int headerEnd = all.indexOf("\r\n");
        int size = Integer.parseInt(all.substring(0, headerEnd), 16);

        assertThat(size).isEqualTo(frame.bodyEnd - frame.body);
        assertThat(frame.body).isEqualTo(headerEnd + 2);
        assertThat(all.substring(headerEnd + 2 + size)).isEqualTo("\r\n");
    }

    @Test
    void separatesTheIdLineFromTheRest() {
        Frame frame = frame(null, "x");

        String rest =
                new String(
                        frame.bytes,
                        frame.rest,
                        frame.bodyEnd - frame.rest,
                        StandardCharsets.UTF_8);

        assertThat(rest).isEqualTo("data: x\n\n");
    }

    @Test
    void writesAGapThatPlainCodeCanRead() {
        SseEncoder hostile = new SseEncoder("a\"b\\c");
        Event gap = hostile.gap(1, null, POSITION, GapReason.EPOCH_CHANGED);
        SseBatch batch = new SseBatch(SseBatch.Framing.PLAIN);
        batch.add(Objects.requireNonNull(gap.frame()));

        assertThat(Blocks.of(batch))
                .singleElement()
                .satisfies(block -> {
                    String id = EventId.of("a\"b\\c", POSITION);
                    assertThat(block.type()).contains("gap");
                    assertThat(block.id()).contains(id);
                    assertThat(block.data())
                            .contains(
                                    "{\"topic\":\"a\\\"b\\\\c\",\"reason\":\"epoch-changed\","
                                            + "\"after\":null,\"before\":\""
                                            + id
                                            + "\"}");
                });
    }

    private Frame frame(@Nullable String type, String data) {
        byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
        var entry = Entry.of(POSITION, Instant.EPOCH, Message.builder(bytes).type(type).build());
        return Objects.requireNonNull(encoder.message(1, entry).frame());
    }

    private static String body(Frame frame) {
        return new String(
                frame.bytes, frame.body, frame.bodyEnd - frame.body, StandardCharsets.UTF_8);
    }
}
