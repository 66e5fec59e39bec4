package dev.longwave.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AttributesTest {

    @Test
    void hasNothingAtFirst() {
        assertThat(Attributes.EMPTY.isEmpty()).isTrue();
        assertThat(Attributes.EMPTY.size()).isZero();
        assertThat(Attributes.EMPTY.bytes()).isZero();
        assertThat(Attributes.EMPTY.get("a")).isEmpty();
        assertThat(Attributes.EMPTY.encode()).isEmpty();
        assertThat(Attributes.of(Map.of())).isSameAs(Attributes.EMPTY);
        assertThat(Attributes.decode(new byte[0])).isSameAs(Attributes.EMPTY);
    }

    @Test
    void keepsTheOrderOfNamesWhateverTheOrderOfAdding() {
        Attributes attributes =
                Attributes.EMPTY.with("b", "2").with("c", "3").with("a", "1").with("b-1", "4");

        var names = new ArrayList<String>();
        attributes.forEach((name, value) -> names.add(name + '=' + value));
        assertThat(names).containsExactly("a=1", "b=2", "b-1=4", "c=3");
        assertThat(attributes.toMap().keySet()).containsExactly("a", "b", "b-1", "c");
        assertThat(attributes)
                .isEqualTo(Attributes.of(Map.of("a", "1", "b", "2", "c", "3", "b-1", "4")))
                .hasSameHashCodeAs(Attributes.of(Map.of("a", "1", "b", "2", "c", "3", "b-1", "4")));
    }

    @Test
    void replacesAValueAndLeavesTheOldAttributesAlone() {
        Attributes one = Attributes.EMPTY.with("a", "1");

        Attributes two = one.with("a", "two");

        assertThat(one.get("a")).contains("1");
        assertThat(two.get("a")).contains("two");
        assertThat(two.size()).isEqualTo(1);
        assertThat(two.bytes()).isEqualTo(4);
        assertThat(two).isNotEqualTo(one);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "a_b", "a b", "é", "a:b", "a.b", "\n"})
    void refusesNames(String name) {
        assertThatThrownBy(() -> Attributes.EMPTY.with(name, "v"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("attribute name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " a", "a ", "a\nb", "a\rb", "\0", "a\u0085b", "a\tb", "\u007f"})
    void refusesValues(String value) {
        assertThatThrownBy(() -> Attributes.EMPTY.with("a", value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("attribute value");
    }

    @Test
    void refusesValuesThatUtf8CannotCarry() {
        for (String value : List.of("\ud83d", "\ude00", "a\ud83db", "\ude00\ud83d")) {
            assertThatThrownBy(() -> Attributes.EMPTY.with("a", value))
                    .hasMessageContaining("Unicode");
        }
        assertThat(Attributes.EMPTY.with("a", "\ud83d\ude00").bytes()).isEqualTo(5);
    }

    @Test
    void takesAsMuchAsTheLimitsAllowAndNoMore() {
        Attributes attributes = Attributes.EMPTY;
        for (int i = 0; i < Attributes.MAX_COUNT; i++) {
            attributes = attributes.with("n" + i, "v");
        }
        Attributes full = attributes;
        assertThat(full.with("n0", "w").size()).isEqualTo(Attributes.MAX_COUNT);
        assertThatThrownBy(() -> full.with("one-more", "v")).hasMessageContaining("max=16");

        String longest = "é".repeat((Attributes.MAX_BYTES - 2) / 2);
        Attributes one = Attributes.EMPTY.with("nn", longest);
        assertThat(one.bytes()).isEqualTo(Attributes.MAX_BYTES);
        assertThatThrownBy(() -> one.with("a", "b")).hasMessageContaining("max=2048");
        assertThatThrownBy(() -> Attributes.EMPTY.with("nnn", longest))
                .hasMessageContaining("length=2049 max=2048");

        String name = "n".repeat(Attributes.MAX_NAME_LENGTH);
        assertThat(Attributes.EMPTY.with(name, "v").get(name)).contains("v");
        assertThatThrownBy(() -> Attributes.EMPTY.with(name + 'n', "v"))
                .hasMessageContaining("max=64");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "/", "text/", "/plain", "text/pl ain", "a/b/c", ";text/plain"})
    void refusesContentTypesThatAreNone(String value) {
        assertThatThrownBy(() -> Attributes.EMPTY.with(Attributes.CONTENT_TYPE, value))
                .hasMessageContaining("content-type");
        assertThat(Attributes.EMPTY.with("other", value).get("other")).contains(value);
    }

    @Test
    void doesNotPrintValues() {
        assertThat(Attributes.EMPTY.with("user", "secret").toString())
                .contains("user")
                .doesNotContain("secret");
    }

    // The encoded form

    @Test
    void isEncodedAsLines() {
        Attributes attributes = Attributes.EMPTY.with("b", "x:y").with("a", "é");

        assertThat(attributes.encode()).isEqualTo("a:é\nb:x:y\n".getBytes(UTF_8));
        assertThat(Attributes.decode(attributes.encode())).isEqualTo(attributes);
    }

    @Test
    void decodesWhatItEncodes() {
        var random = new Random(7);
        for (int round = 0; round < 2000; round++) {
            var pairs = new LinkedHashMap<String, String>();
            int count = random.nextInt(Attributes.MAX_COUNT + 1);
            for (int i = 0; i < count; i++) {
                pairs.put(text(random, "abz09-", 8), text(random, "aZ:;=%\"\\é日😀\u200b", 20));
            }
            Attributes attributes = Attributes.of(pairs);

            byte[] encoded = attributes.encode();

            assertThat(Attributes.decode(encoded)).isEqualTo(attributes);
            assertThat(encoded).hasSizeLessThanOrEqualTo(Attributes.MAX_ENCODED_BYTES);
            assertThat(encoded.length).isEqualTo(attributes.bytes() + 2 * attributes.size());
        }
    }

    @Test
    void refusesToDecodeAnythingElse() {
        byte[] encoded = Attributes.EMPTY.with("a", "é").with("b", "2").encode();
        for (int length = 1; length < encoded.length; length++) {
            byte[] part = Arrays.copyOf(encoded, length);
            if (length != "a:é\n".getBytes(UTF_8).length) {
                assertThatThrownBy(() -> Attributes.decode(part))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
        for (String text :
                List.of("b:1\na:1\n", "a:1\na:1\n", "a:1\na:2\n", "A:1\n", "a:\n", "\n")) {
            assertThatThrownBy(() -> Attributes.decode(text.getBytes(UTF_8)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (byte[] bytes : List.of(new byte[] {'a', ':', -1, '\n'}, new byte[9000])) {
            assertThatThrownBy(() -> Attributes.decode(bytes))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static String text(Random random, String alphabet, int max) {
        int[] points = alphabet.codePoints().toArray();
        var text = new StringBuilder();
        int length = 1 + random.nextInt(max);
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(points[random.nextInt(points.length)]);
        }
        return text.toString();
    }
}
