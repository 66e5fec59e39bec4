package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.Message;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EnvelopeTest {

    private static final byte[] DATA = "data".getBytes(StandardCharsets.UTF_8);

    @Test
    void needsNoHeadersForAMessageOfNothingButText() {
        assertThat(Envelope.headers(Message.of(DATA), "topic")).isNull();
        assertThat(Envelope.message(null, DATA).data()).isEqualTo(DATA);
        assertThat(Envelope.message(null, null).data()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"plain", " spaces at the ends ", "100%", "%41", "é", "日本語", "😀", "a:b\"\\"})
    void keepsEveryPartOfAMessage(String text) {
        var message =
                Message.builder(DATA)
                        .id("id!~")
                        .type(text)
                        .key(text)
                        .attribute("text", text.strip())
                        .attribute("content-type", "text/plain; charset=utf-8")
                        .end(true)
                        .build();

        Headers headers = Objects.requireNonNull(Envelope.headers(message, "a topic/with parts"));

        assertThat(Envelope.message(headers, DATA)).isEqualTo(message);
    }

    @Test
    void keepsIdsOfTwoTopicsApart() {
        var message = Message.builder(DATA).id("1").build();

        assertThat(id(message, "a")).isNotEqualTo(id(message, "b")).isEqualTo(id(message, "a"));
    }

    @Test
    void readsHeadersOfOtherApplications() {
        var headers = new Headers();
        headers.put(Envelope.ID, "order-17");
        headers.put(Envelope.TYPE, "100%");
        headers.put("Other", "ignored");

        Message message = Envelope.message(headers, DATA);

        assertThat(message.id()).isEqualTo("order-17");
        assertThat(message.type()).isEqualTo("100%");
        assertThat(message.end()).isFalse();
    }

    @Test
    void leavesOutWhatBreaksARule() {
        var headers = new Headers();
        headers.put(Envelope.TYPE, "two%0Alines");
        headers.put(Envelope.END, "true");

        Message message = Envelope.message(headers, DATA);

        assertThat(message.type()).isNull();
        assertThat(message.end()).isTrue();
        assertThat(message.data()).isEqualTo(DATA);
    }

    @Test
    void marksDataThatIsNotTextAsBinary() {
        byte[] notText = {(byte) 0xc3, 0};

        Message message = Envelope.message(null, notText);

        assertThat(message.data()).isEqualTo(notText);
        assertThat(message.isText()).isFalse();
    }

    @Test
    void leavesOutAttributesThatBreakARule() {
        for (String name : List.of("UPPER", "", "a_b", "x".repeat(65))) {
            var headers = new Headers();
            headers.put(Envelope.ATTRIBUTE_PREFIX + name, "value");

            assertThat(Envelope.message(headers, DATA).attributes()).isEqualTo(Attributes.EMPTY);
        }
    }

    @Test
    void hasRoomForTheLongestHeaders() {
        Message.Builder longest =
                Message.builder(DATA)
                        .id("i".repeat(Message.MAX_ID_LENGTH))
                        .type("\u20ac".repeat(Message.MAX_TYPE_LENGTH))
                        .key("\u20ac".repeat(Message.MAX_KEY_LENGTH));
        for (int i = 0; i < Attributes.MAX_COUNT; i++) {
            int bytes = Attributes.MAX_BYTES / Attributes.MAX_COUNT - 2; // without the name
            longest.attribute(Character.toString('a' + i) + "x", "é".repeat(bytes / 2));
        }
        Message message = longest.end(true).build();

        Headers headers = Objects.requireNonNull(Envelope.headers(message, "é".repeat(127)));
        new SequenceHeader(
                        new Term(Long.MAX_VALUE >> 4, 1L << 39), Long.MAX_VALUE, 1, Long.MAX_VALUE)
                .putInto(headers);

        assertThat(headers.serializedLength()).isBetween(10_000, 12 << 10);
    }

    private static @Nullable String id(Message message, String topic) {
        return Objects.requireNonNull(Envelope.headers(message, topic)).getFirst(Envelope.ID);
    }
}
