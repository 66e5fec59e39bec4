package dev.longwave.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DemoLaneTest {

    private final List<String> published = new ArrayList<>();
    private int refusals;

    private final EventPublisher publisher =
            (topic, type, key, data, end) -> {
                if (refusals > 0) {
                    refusals--;
                    throw new IllegalStateException("refused for the test");
                }
                published.add(data);
            };
    private final Lane lane = new Lane(countingInPairs(), publisher);

    @Test
    void waitsBeforeItPublishes() {
        Duration wait = lane.advance();

        assertThat(wait).isEqualTo(Duration.ofMillis(1));
        assertThat(published).isEmpty();
    }

    @Test
    void playsOneSceneAfterTheOther() {
        List<Duration> waits = advance(5);

        assertThat(published).containsExactly("1", "2", "3", "4");
        assertThat(waits).extracting(Duration::toMillis).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void triesTheSameEventAgainAfterFailure() {
        lane.advance();
        refusals = 1;

        assertThat(lane.advance()).isEqualTo(Lane.RETRY_DELAY);
        assertThat(lane.advance()).isEqualTo(Duration.ofMillis(2));
        assertThat(published).containsExactly("1");
    }

    @Test
    void givesUpEventThatIsNeverAcceptedAndGoesOn() {
        lane.advance();
        refusals = Lane.MAX_ATTEMPTS;

        advance(Lane.MAX_ATTEMPTS + 1);

        assertThat(published).containsExactly("2");
    }

    private List<Duration> advance(int times) {
        List<Duration> waits = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            waits.add(lane.advance());
        }
        return waits;
    }

    /** Scenes of two steps; the events are numbered, and the nth waits for n milliseconds. */
    private static Script countingInPairs() {
        return new Script() {
            private int count;

            @Override
            public List<Step> nextScene() {
                return List.of(step(), step());
            }

            private Step step() {
                count++;
                DemoEvent event = DemoEvent.text("demo/test", "count", Integer.toString(count));
                return new Step(Duration.ofMillis(count), event);
            }
        };
    }
}
