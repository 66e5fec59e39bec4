package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SubjectsTest {

    private final Subjects subjects = new Subjects("acme.events-eu");

    @ParameterizedTest
    @CsvSource({
        "news, news",
        "jobs/17/log, jobs.17.log",
        "a.b, a%2Eb",
        "a b, a%20b",
        "*, %2A",
        ">, %3E",
        "100%, 100%25",
        "$SYS, %24SYS",
        "é, %C3%A9",
        "a//b, a.%.b",
        "/, %.%"
    })
    void makesSegmentsTokens(String topic, String tokens) {
        assertThat(Subjects.tokens(topic)).isEqualTo(tokens);
        assertThat(Subjects.topicOf(tokens)).isEqualTo(topic);
    }

    @Test
    void keepsWhatIsStoredApartFromWhatIsLive() {
        assertThat(subjects.log("a/b")).isEqualTo("acme.events-eu.events.a.b");
        assertThat(subjects.live("a/b")).isEqualTo("acme.events-eu.live.a.b");
        assertThat(subjects.topic("acme.events-eu.events.a.b")).contains("a/b");
        assertThat(subjects.ephemeralTopic("acme.events-eu.ephemeral.a.b")).contains("a/b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%78",
                "a%2fb",
                "%2A",
                "jobs.%2A%2A",
                "x.%0A",
                "%00",
                "%",
                "a.%.b",
                "%E2%80%8B",
                "%FF",
                "a+b"
            })
    void findsNoTopicWhereNoClientCanNameIt(String tokens) {
        assertThat(subjects.topic("acme.events-eu.events." + tokens)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "%", "%%", "%2", "%2F", "a%2Fb", "~", "😀", "ÀÀ/ß", "..", "a/", "//"})
    void findsTheTopicAgain(String topic) {
        assertThat(Subjects.topicOf(Subjects.tokens(topic))).isEqualTo(topic);
    }

    @Test
    void givesEachTopicASubjectOfItsOwnThatTheServersTake() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        String alphabet = "ab/.*>% %2F2Eé€😀\"\\{}$_-~";
        int[] characters = alphabet.codePoints().toArray();
        Map<String, String> topics = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            var topic = new StringBuilder();
            for (int length = random.nextInt(6); length > 0; length--) {
                topic.appendCodePoint(characters[random.nextInt(characters.length)]);
            }
            String tokens = Subjects.tokens(topic.toString());

            assertThat(tokens)
                    .as("seed %d", seed)
                    .matches("[A-Za-z0-9%~_-]+(\\.[A-Za-z0-9%~_-]+)*");
            assertThat(Subjects.topicOf(tokens)).as("seed %d", seed).hasToString(topic.toString());
            assertThat(topics.put(tokens, topic.toString()))
                    .as("seed %d", seed)
                    .isIn(null, topic.toString());
        }
    }
}
