package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Message;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EnvelopeTest {

    private static final byte[] DATA = "data".getBytes(StandardCharsets.UTF_8);

    @Test
    void needsNoHeadersForAMessageThatIsNothingButData() {
        assertThat(Envelope.headers(Message.of(DATA), "topic")).isNull();
        assertThat(Envelope.message(null, DATA).data()).isEqualTo(DATA);
        assertThat(Envelope.message(null, null).data()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"plain", " spaces at the ends ", "100%", "%41", "é", "日本語", "😀", "a:b\"\\"})
    void bringsBackWhatAMessageIs(String text) {
        var message = new Message("id!~", text, text, DATA, true);

        Headers headers = Objects.requireNonNull(Envelope.headers(message, "a topic/with parts"));

        assertThat(Envelope.message(headers, DATA)).usingRecursiveComparison().isEqualTo(message);
    }

    @Test
    void keepsIdsOfTwoTopicsApart() {
        var message = new Message("1", null, null, DATA, false);

        assertThat(id(message, "a")).isNotEqualTo(id(message, "b")).isEqualTo(id(message, "a"));
    }

    @Test
    void takesWhatOthersPublishForWhatItIs() {
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
    void leavesOutWhatMakesNoSense() {
        var headers = new Headers();
        headers.put(Envelope.TYPE, "two%0Alines");
        headers.put(Envelope.END, "true");

        Message message = Envelope.message(headers, DATA);

        assertThat(message.type()).isNull();
        assertThat(message.end()).isTrue();
        assertThat(message.data()).isEqualTo(DATA);
    }

    private static @Nullable String id(Message message, String topic) {
        return Objects.requireNonNull(Envelope.headers(message, topic)).getFirst(Envelope.ID);
    }
}
