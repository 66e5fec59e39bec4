package dev.longwave.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MessageTest {

    private static final byte[] DATA = {1, 2, 3};

    @Test
    void needsNothingButData() {
        Message message = Message.of(DATA);

        assertThat(message.id()).isNull();
        assertThat(message.type()).isNull();
        assertThat(message.key()).isNull();
        assertThat(message.data()).isSameAs(DATA);
        assertThat(message.end()).isFalse();
    }

    @Test
    void takesTheLongestNames() {
        Message message =
                message(
                        "i".repeat(Message.MAX_ID_LENGTH),
                        "é".repeat(Message.MAX_TYPE_LENGTH),
                        "日".repeat(Message.MAX_KEY_LENGTH));

        assertThat(message.id()).hasSize(Message.MAX_ID_LENGTH);
    }

    @Test
    void refusesNamesThatAreTooLong() {
        assertRefused("x".repeat(Message.MAX_ID_LENGTH + 1), null, null, "id");
        assertRefused(null, "x".repeat(Message.MAX_TYPE_LENGTH + 1), null, "type");
        assertRefused(null, null, "x".repeat(Message.MAX_KEY_LENGTH + 1), "key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "a\rb", "\0", "a\u0085b", "\u007f"})
    void refusesNamesThatCannotStandInALine(String name) {
        assertRefused(name, null, null, "id");
        assertRefused(null, name, null, "type");
        assertRefused(null, null, name, "key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", " ", "é", "日"})
    void refusesIdsBeyondPrintableAscii(String id) {
        assertRefused(id, null, null, "id");
        assertThat(message(null, id, id).type()).isEqualTo(id);
    }

    @Test
    void doesNotPrintItsContent() {
        Message message = message("secret-id", "news", "secret-key");

        assertThat(message.toString()).contains("news", "length=3").doesNotContain("secret");
    }

    private static Message message(
            @Nullable String id, @Nullable String type, @Nullable String key) {
        return Message.builder(DATA).id(id).type(type).key(key).build();
    }

    private static void assertRefused(
            @Nullable String id, @Nullable String type, @Nullable String key, String what) {
        assertThatThrownBy(() -> message(id, type, key))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("message " + what);
    }
}
