package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class PendingTopicsTest {

    private final PendingTopics newest = new PendingTopics();

    @Test
    void keepsTheNewestOfEachTopic() throws InterruptedException {
        newest.add("a", at(2));
        newest.add("b", at(7));
        newest.add("a", at(3));
        newest.add("a", at(1));

        assertThat(newest.take(0)).isEqualTo(Map.of("a", at(3), "b", at(7)));
    }

    @Test
    void givesEverythingOnce() throws InterruptedException {
        newest.add("a", at(1));
        newest.take(0);
        newest.add("b", at(1));

        assertThat(newest.take(0)).isEqualTo(Map.of("b", at(1)));
    }

    @Test
    void hasNothingOnceClosed() throws InterruptedException {
        newest.add("a", at(1));
        newest.close();

        assertThat(newest.take(0)).isEmpty();
    }

    private static Announcement.Place at(long sequence) {
        return new Announcement.Place(sequence, 0);
    }
}
