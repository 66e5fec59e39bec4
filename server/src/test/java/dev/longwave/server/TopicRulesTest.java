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
}
