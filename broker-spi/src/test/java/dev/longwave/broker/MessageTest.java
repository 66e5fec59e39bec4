package dev.longwave.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
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
    void refusesTheTypeThatOnlyTheServerUses() {
        assertThatThrownBy(() -> message(null, "gap", null)).hasMessageContaining("reserved");
    }

    // Text and binary data

    @Test
    void isTextWithoutAContentType() {
        assertThat(Message.of(DATA).isText()).isTrue();
        assertThat(Message.of(DATA).contentType()).isEmpty();
        assertThat(Message.of(DATA).attributes()).isSameAs(Attributes.EMPTY);
        assertThat(Message.builder(DATA).attribute("a", "b").build().isText()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "text/html; charset=iso-8859-1",
                "application/json",
                "Application/JSON ; charset=utf-8",
                "application/problem+json",
                "image/geo+JSON"
            })
    void isTextByItsContentType(String contentType) {
        assertThat(typed(contentType, DATA).isText()).isTrue();
        assertThatThrownBy(() -> typed(contentType, new byte[] {'a', -1}))
                .isInstanceOf(NotUtf8Exception.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/octet-stream",
                "image/png",
                "application/jsonp",
                "application/cbor",
                "x-text/plain",
                "application/xml"
            })
    void isBinaryByItsContentType(String contentType) {
        Message message = typed(contentType, new byte[] {'a', -1});

        assertThat(message.isText()).isFalse();
        assertThat(message.contentType()).contains(contentType);
    }

    @Test
    void takesUtf8AndNothingElseForText() {
        for (String text :
                List.of("", "a", "ü", "日本", "😀", "a".repeat(7) + "é", "é".repeat(2000), "\0\n")) {
            byte[] bytes = text.getBytes(UTF_8);
            assertThat(Message.of(bytes).data()).isSameAs(bytes);
        }
        int[][] malformed = {
            {0xff},
            {0x80},
            {0xc3},
            {0xc0, 0x80}, // NUL in two bytes
            {0xed, 0xa0, 0x80}, // half of a surrogate pair
            {0xf4, 0x90, 0x80, 0x80}, // beyond Unicode
            {0xf0, 0x9f, 0x98}
        };
        for (int[] wrong : malformed) {
            for (int before : new int[] {0, 1, 7, 8, 9, 600}) {
                for (int after : new int[] {0, 1, 8}) {
                    byte[] bytes = new byte[before + wrong.length + after];
                    Arrays.fill(bytes, (byte) 'x');
                    for (int i = 0; i < wrong.length; i++) {
                        bytes[before + i] = (byte) wrong[i];
                    }
                    assertThatThrownBy(() -> Message.of(bytes))
                            .as("%s after %d", Arrays.toString(wrong), before)
                            .isInstanceOf(NotUtf8Exception.class);
                }
            }
        }
    }

    @Test
    void isAsLongAsItsDataAndAttributes() {
        Message message = Message.builder(DATA).attribute("a", "é").build();

        assertThat(message.size()).isEqualTo(DATA.length + 3);
    }

    // What others wrote into a log

    @Test
    void makesTheSameOfALogAsOfAPublisherWhereNothingIsWrong() {
        Message.Builder builder =
                Message.builder(DATA)
                        .id("i")
                        .type("t")
                        .key("k")
                        .encodedAttributes("a:b\n".getBytes(UTF_8))
                        .end(true);

        assertThat(builder.buildFromLog()).isEqualTo(builder.build());
        assertThat(builder.build().attributes()).isEqualTo(Attributes.EMPTY.with("a", "b"));
    }

    @Test
    void leavesOutWhatBreaksARuleWhenItWasFoundInALog() {
        Message message =
                Message.builder(DATA)
                        .id("not an id")
                        .type("gap")
                        .key("a\nb")
                        .encodedAttributes("Not attributes".getBytes(UTF_8))
                        .end(true)
                        .buildFromLog();

        assertThat(message).isEqualTo(Message.builder(DATA).end(true).build());
        assertThat(Message.builder(DATA).id("not an id").type("t").buildFromLog())
                .isEqualTo(Message.builder(DATA).type("t").build());
        assertThat(Message.builder(DATA).attribute("a", "b").attribute("C", "d").buildFromLog())
                .isEqualTo(Message.of(DATA));
    }

    @Test
    void makesDataBinaryThatShouldBeTextAndIsNotWhenItWasFoundInALog() {
        byte[] data = {'a', -1};

        Message untyped = Message.builder(data).attribute("a", "b").buildFromLog();
        Message json =
                Message.builder(data)
                        .attribute(Attributes.CONTENT_TYPE, "application/json")
                        .buildFromLog();
        Message full =
                Message.builder(data)
                        .attribute("n", "v".repeat(Attributes.MAX_BYTES - 1))
                        .buildFromLog();

        assertThat(untyped)
                .isEqualTo(
                        Message.builder(data)
                                .attribute("a", "b")
                                .attribute(Attributes.CONTENT_TYPE, "application/octet-stream")
                                .build());
        assertThat(json).isEqualTo(typed("application/octet-stream", data));
        assertThat(full).isEqualTo(typed("application/octet-stream", data));
    }

    @Test
    void doesNotPrintItsContent() {
        Message message = message("secret-id", "news", "secret-key");

        assertThat(message.toString()).contains("news", "length=3").doesNotContain("secret");
    }

    private static Message typed(String contentType, byte[] data) {
        return Message.builder(data).attribute(Attributes.CONTENT_TYPE, contentType).build();
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
