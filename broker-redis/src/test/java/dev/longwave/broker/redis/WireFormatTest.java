package dev.longwave.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.broker.feed.ForeignEntries;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers, live messages, positions, and the names of keys. */
final class WireFormatTest {

    private static final ForeignEntries FOREIGN = new ForeignEntries("redis", 1 << 20);

    private static final byte[] DATA = {0, '\n', ' ', -1};
    private static final Attributes ATTRIBUTES =
            Attributes.of(
                    Map.of(
                            Attributes.CONTENT_TYPE,
                            "application/octet-stream",
                            "author",
                            "Zoë 😀"));

    @Test
    void bringsEveryPartOfAMessageBack() {
        byte[] text = Keys.bytes("\0\n é");
        List<Message> messages =
                List.of(
                        Message.of(text),
                        Message.builder(text).end(true).build(),
                        Message.builder(text).id("i").build(),
                        Message.builder(text).type("t").build(),
                        Message.builder(text).key("ключ 😀").end(true).build(),
                        Message.builder(DATA).attributes(ATTRIBUTES).build(),
                        Message.builder(DATA)
                                .id("i".repeat(128))
                                .type("é".repeat(128))
                                .key("日".repeat(256))
                                .attributes(ATTRIBUTES)
                                .end(true)
                                .build());
        for (Message message : messages) {
            byte[] header = concatenated(Header.of(message), message.attributes().encode());

            assertThat(Header.message(header, message.data())).isEqualTo(message);
        }
        assertThat(Header.of(Message.of(text))).isEmpty();
    }

    /** As version 0.1 wrote them: flags, and the fields that are set. */
    @Test
    void readsHeadersWithoutAttributes() {
        byte[] header = {1 | 2 | 4, 0, 1, 'i', 0, 2, 'p', 'q'};

        assertThat(Header.message(header, new byte[] {'x'}))
                .isEqualTo(Message.builder(new byte[] {'x'}).id("i").type("pq").end(true).build());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0002",
                "\u0002\u0000",
                "\u0002\u0000\u0009abc",
                "\u0004\u0000\u0000",
                "\u0000author",
                "\u0000author:\n",
                "\u0000b:1\na:2\n",
                "\u0000Author:Zoe\n"
            })
    void leavesOutOfAForeignHeaderWhatBreaksARule(String header) {
        byte[] bytes = header.getBytes(StandardCharsets.ISO_8859_1);

        assertThat(Header.message(bytes, new byte[] {'x'})).isEqualTo(Message.of(new byte[] {'x'}));
    }

    @Test
    void takesDataOfAForeignMessageThatIsNoTextForBinary() {
        assertThat(Header.message(new byte[0], DATA).contentType())
                .hasValue("application/octet-stream");
    }

    @Test
    void readsALiveMessage() {
        Message message = Message.builder(DATA).type("type").attributes(ATTRIBUTES).build();
        byte[] header = concatenated(Header.of(message), ATTRIBUTES.encode());
        byte[] bytes =
                concatenated(
                        Keys.bytes("a1 1000 2000-7 " + header.length + "\n"),
                        concatenated(header, DATA));

        LiveMessage live = LiveMessage.parse(bytes, FOREIGN);

        long epoch = Long.parseLong("a1", 36);
        assertThat(live.previous()).isEqualTo(new Position(epoch, 1000, 0));
        assertThat(live.entry().position()).isEqualTo(new Position(epoch, 2000, 8));
        assertThat(live.entry().time()).isEqualTo(Instant.ofEpochMilli(2000));
        assertThat(live.entry().message()).isEqualTo(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "a 1-0 2-0 0",
                "a 1-0 2-0\n",
                "a 1-0 2-0 5\nabc",
                "a 1-0 2-0 -1\nabc",
                "a 1-0 2-0 2147483647\nabc",
                "a 1-x 2-0 0\n",
                "A! 1-0 2-0 0\n"
            })
    void refusesALiveMessageOfSomebodyElse(String text) {
        assertThatThrownBy(() -> LiveMessage.parse(Keys.bytes(text), FOREIGN))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tellsMomentsFromEntries() {
        Position moment = EntryIds.position(1, "5");
        Position entry = EntryIds.position(1, "5-0");

        assertThat(EntryIds.isMoment(moment)).isTrue();
        assertThat(EntryIds.isMoment(entry)).isFalse();
        assertThat(entry.isAfter(moment)).isTrue();
        assertThat(EntryIds.id(entry)).isEqualTo("5-0");
        assertThat(EntryIds.id(moment)).as("the least after it").isEqualTo("5-0");
        assertThat(EntryIds.upTo(entry)).isEqualTo("5-0");
        assertThat(EntryIds.upTo(moment)).isEqualTo("(5-0");
    }

    @Test
    void keepsNamesApart() {
        var keys = new Keys("n", 0);
        var names = new HashSet<String>();
        List<String> topics = List.of("a", "a b", "a:b", "b a", "log:a", "{1}:a", "x a", "");
        for (String topic : topics) {
            names.add(EntryIds.text(keys.log(topic)));
            names.add(EntryIds.text(keys.last(topic)));
            names.add(EntryIds.text(keys.claim(topic)));
            names.add(EntryIds.text(keys.erased(topic)));
            names.add(keys.channel(topic));
            for (String id : List.of("a", "b", "x", ":", "a:b")) {
                names.add(EntryIds.text(keys.id(topic, id)));
            }
        }

        assertThat(names).hasSize(topics.size() * 10);
    }

    @Test
    void putsTheKeysOfATopicInOneSlotWhateverItsName() {
        var keys = new Keys("n", 0);
        for (String topic : List.of("a", "{b}", "}{", "é")) {
            String tag = "n:{" + Keys.bucket(topic) + "}:";
            assertThat(
                            List.of(
                                    EntryIds.text(keys.epoch(Keys.bucket(topic))),
                                    EntryIds.text(keys.log(topic)),
                                    EntryIds.text(keys.last(topic)),
                                    EntryIds.text(keys.id(topic, "{i}")),
                                    keys.channel(topic)))
                    .allMatch(name -> name.startsWith(tag));
        }
    }

    @Test
    void readsVersions() {
        assertThat(List.of("6.2.0", "6.2", "7.0.15", "8.0-rc1", "10.1"))
                .allMatch(WireFormatTest::isNewEnough);
        assertThat(List.of("6.0.16", "5.0.14", "", "x")).noneMatch(WireFormatTest::isNewEnough);
    }

    private static boolean isNewEnough(String version) {
        return new ServerInfo(Map.of("redis_version", version)).isAtLeast(6, 2);
    }

    @Test
    void readsWordOfADeletion() {
        assertThat(DeletionFrame.parse(Keys.bytes("! a1 2000-7")))
                .isEqualTo(new Position(Long.parseLong("a1", 36), 2000, 8));
        assertThatThrownBy(() -> DeletionFrame.parse(Keys.bytes("! a1")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tellsCutsFromMoments() {
        assertThat(EntryIds.isCut("5!")).isTrue();
        assertThat(EntryIds.isCut("5")).isFalse();
        assertThat(EntryIds.position(1, "5!")).isEqualTo(EntryIds.position(1, "5"));
    }

    private static byte[] concatenated(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
