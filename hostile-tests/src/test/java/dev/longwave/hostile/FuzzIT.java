package dev.longwave.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Sends random requests: HTTP/1 heads and bodies, HTTP/2 frames and header blocks, paths, queries,
 * and JSON.
 *
 * <p>{@code -Dlongwave.fuzz.seconds=600} does it for that long, {@code -Dlongwave.fuzz.seed=1} with
 * that seed, and {@code -Dlongwave.fuzz.replay=...} sends only what a failure printed.
 */
@EnabledOnOs(OS.LINUX)
final class FuzzIT {

    private static final String REPLAY = "longwave.fuzz.replay";
    private static final Duration TIME =
            Duration.ofSeconds(Long.getLong("longwave.fuzz.seconds", 120));
    private static final int FEWEST_INPUTS_PER_SECOND = 1;

    @Test
    @DisabledIfSystemProperty(named = REPLAY, matches = ".+")
    void answersOrEndsEveryRandomRequest() throws Exception {
        long seed = Long.getLong("longwave.fuzz.seed", ThreadLocalRandom.current().nextLong());
        System.out.println("-Dlongwave.fuzz.seed=" + seed);
        try (var siege = Siege.of(Target.start("broker.memory.max-bytes=8MiB"))) {
            var fuzzer = new Fuzzer(siege.target(), seed);

            siege.withstand(() -> {
                long inputs = fuzzer.run(TIME);
                System.out.println("fuzzed: " + inputs + " connections");
                assertThat(inputs).isGreaterThan(TIME.toSeconds() * FEWEST_INPUTS_PER_SECOND);
            });
        }
    }

    @Test
    @EnabledIfSystemProperty(named = REPLAY, matches = ".+")
    void answersOrEndsWhatFailedBefore() throws Exception {
        FuzzInput input = FuzzInput.parse(System.getProperty(REPLAY));
        try (var siege = Siege.of(Target.start())) {
            siege.withstand(() ->
                    assertThat(new Judge(siege.target()).faultOf(input))
                            .as(input.toString())
                            .isEmpty());
        }
    }
}
