package dev.longwave.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers, live messages, positions, and the names of keys. */
final class WireFormatTest {

    private static final byte[] DATA = {0, '\n', ' ', -1};

    @Test
    void bringsEveryPartOfAMessageBack() {
        List<Message> messages =
                List.of(
                        Message.of(DATA),
                        new Message(null, null, null, DATA, true),
                        new Message("i", null, null, DATA, false),
                        new Message(null, "t", null, DATA, false),
                        new Message(null, null, "ключ 😀", DATA, true),
                        new Message("i".repeat(128), "é".repeat(128), "日".repeat(256), DATA, true));
        for (Message message : messages) {
            assertThat(Header.message(Header.of(message), DATA))
                    .usingRecursiveComparison()
                    .isEqualTo(message);
        }
        assertThat(Header.of(Message.of(DATA))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\u0002", "\u0002\u0000", "\u0002\u0000\u0009abc", "\u0004\u0000\u0000"})
    void refusesAHeaderThatItDidNotMake(String header) {
        byte[] bytes = header.getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> Header.message(bytes, DATA))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsALiveMessage() {
        byte[] header = Header.of(new Message("id", "type", null, DATA, false));
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(Keys.bytes("a1 1000 2000-7 " + header.length + "\n"));
        bytes.writeBytes(header);
        bytes.writeBytes(DATA);

        LiveMessage live = LiveMessage.parse(bytes.toByteArray());

        long epoch = Long.parseLong("a1", 36);
        assertThat(live.previous()).isEqualTo(new Position(epoch, 1000, 0));
        assertThat(live.entry().position()).isEqualTo(new Position(epoch, 2000, 8));
        assertThat(live.entry().time()).isEqualTo(Instant.ofEpochMilli(2000));
        assertThat(live.entry().message().type()).isEqualTo("type");
        assertThat(live.entry().message().data()).isEqualTo(DATA);
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
        assertThatThrownBy(() -> LiveMessage.parse(Keys.bytes(text)))
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
            names.add(keys.channel(topic));
            for (String id : List.of("a", "b", "x", ":", "a:b")) {
                names.add(EntryIds.text(keys.id(topic, id)));
            }
        }

        assertThat(names).hasSize(topics.size() * 9);
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
                .allMatch(ServerInfo::isNewEnough);
        assertThat(List.of("6.0.16", "5.0.14", "", "x")).noneMatch(ServerInfo::isNewEnough);
    }
}
