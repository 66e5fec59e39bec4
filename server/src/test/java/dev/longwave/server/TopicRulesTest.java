package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Settings;
import dev.longwave.core.LagPolicy;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TopicRulesTest {

    private final TopicRules rules =
            TopicRules.read(
                    new Settings(
                            Map.of(
                                    "topics.1.pattern", "metrics/cpu",
                                    "topics.1.lag", "disconnect",
                                    "topics.2.pattern", "metrics/*",
                                    "topics.2.lag", "latest")));

    @ParameterizedTest
    @CsvSource({
        "metrics/cpu, Disconnect",
        "metrics/disk, Latest",
        "metrics/*, Latest",
        "metrics/**, Replay",
        "*/cpu, Replay",
        "other, Replay",
    })
    void takesTheFirstRuleThatIsForAllTopicsOfAPattern(String name, String policy) {
        LagPolicy found = rules.lagPolicy(name);

        assertThat(found.getClass().getSimpleName()).isEqualTo(policy);
    }

    @ParameterizedTest
    @CsvSource({
        "rooms/1/typing, true",
        "rooms/1/log, false",
        "rooms/1/typing/log, false",
        "metrics/cpu, false",
    })
    void takesTheFirstRuleThatMatchesATopic(String topic, boolean ephemeral) {
        var ofRooms =
                TopicRules.read(
                        new Settings(
                                Map.of(
                                        "topics.1.pattern", "rooms/*/log",
                                        "topics.2.pattern", "rooms/*/*",
                                        "topics.2.ephemeral", "true")));

        assertThat(ofRooms.isEphemeral(topic)).isEqualTo(ephemeral);
        assertThat(rules.isEphemeral(topic)).isFalse();
    }
}
