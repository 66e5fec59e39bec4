package dev.longwave.server.sse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.core.Event;
import dev.longwave.core.EventId;
import dev.longwave.core.Gap;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SseFormatTest {

    private static final Position POSITION = new Position(3, 4);

    @Test
    void writesIdTypeAndData() {
        assertThat(body(frame("update", "hello")))
                .isEqualTo(
                        "id: " + EventId.of("news", POSITION) + "\nevent: update\ndata: hello\n\n");
    }

    @Test
    void writesTheTopicOfAnEventThatCameThroughAPattern() {
        var entry = Entry.of(POSITION, Instant.EPOCH, Message.of(new byte[] {'x'})).in("jobs/ü 1");
        SseFrame frame = Event.of("jobs/*", entry).frame(SseFormat.EVENTS);

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
        SseFrame frame = frame(null, data);

        assertThat(Blocks.of(body(frame)))
                .singleElement()
                .satisfies(block ->
                        assertThat(block.data())
                                .contains(data.replace("\r\n", "\n").replace('\r', '\n')));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 200, 255, 256, 4095, 4096, 70_000})
    void framesAChunkOfTheRightLength(int length) {
        SseFrame frame = frame(null, "x".repeat(length));
        String all = new String(frame.bytes, StandardCharsets.UTF_8);

        int headerEnd = all.indexOf("\r\n");
        int size = Integer.parseInt(all.substring(0, headerEnd), 16);

        assertThat(size).isEqualTo(frame.bodyEnd - frame.body);
        assertThat(frame.body).isEqualTo(headerEnd + 2);
        assertThat(all.substring(headerEnd + 2 + size)).isEqualTo("\r\n");
    }

    @Test
    void separatesTheIdLineFromTheRest() {
        SseFrame frame = frame(null, "x");

        String rest =
                new String(
                        frame.bytes,
                        frame.afterId,
                        frame.bodyEnd - frame.afterId,
                        StandardCharsets.UTF_8);

        assertThat(rest).isEqualTo("data: x\n\n");
    }

    @Test
    void writesBinaryDataAsBase64AndSaysSo() {
        var message =
                Message.builder(new byte[] {0, '\n', (byte) 0xff})
                        .attribute("content-type", "application/octet-stream")
                        .build();

        SseFrame frame =
                Event.of("news", Entry.of(POSITION, Instant.EPOCH, message))
                        .frame(SseFormat.EVENTS);

        assertThat(body(frame))
                .isEqualTo(
                        "id: "
                                + EventId.of("news", POSITION)
                                + "\nencoding: base64\ndata: AAr/\n\n");
    }

    @Test
    void writesAGapThatPlainCodeCanRead() {
        var gap = new Gap(null, POSITION, GapReason.EPOCH_CHANGED);
        SseFrame frame = Event.of("a\"b\\c", gap).frame(SseFormat.EVENTS);

        assertThat(Blocks.of(body(frame)))
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

    private static SseFrame frame(@Nullable String type, String data) {
        byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
        var entry = Entry.of(POSITION, Instant.EPOCH, Message.builder(bytes).type(type).build());
        return Event.of("news", entry).frame(SseFormat.EVENTS);
    }

    private static String body(SseFrame frame) {
        return new String(
                frame.bytes, frame.body, frame.bodyEnd - frame.body, StandardCharsets.UTF_8);
    }
}
