package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class PendingTopicsTest {

    private final PendingTopics newest = new PendingTopics();

    @Test
    void keepsTheNewestOfEachTopic() throws InterruptedException {
        newest.add("a", 2);
        newest.add("b", 7);
        newest.add("a", 3);
        newest.add("a", 1);

        assertThat(newest.take(0)).isEqualTo(Map.of("a", 3L, "b", 7L));
    }

    @Test
    void givesEverythingOnce() throws InterruptedException {
        newest.add("a", 1);
        newest.take(0);
        newest.add("b", 1);

        assertThat(newest.take(0)).isEqualTo(Map.of("b", 1L));
    }

    @Test
    void hasNothingOnceClosed() throws InterruptedException {
        newest.add("a", 1);
        newest.close();

        assertThat(newest.take(0)).isEmpty();
    }
}
