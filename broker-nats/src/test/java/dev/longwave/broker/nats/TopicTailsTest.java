package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerUnavailableException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class TopicTailsTest {

    private final Reign reign = new Reign(1, 42);
    private final AtomicLong nanos = new AtomicLong();
    private final TopicTails tails = new TopicTails(2, Duration.ofSeconds(20), nanos::get);

    @Test
    void saysWhatWasBeforeInTheSameTopic() {
        assertThat(stamp("a")).isEqualTo(new Stamp(reign, 1, 0, 5));
        assertThat(stamp("b")).isEqualTo(new Stamp(reign, 2, 0, 5));
        assertThat(stamp("a")).isEqualTo(new Stamp(reign, 3, 1, 5));
        assertThat(tails.end("a")).isEqualTo(new TopicTails.End(3, true));
        assertThat(tails.end("never used")).isEqualTo(new TopicTails.End(0, false));
    }

    @Test
    void forgetsTheTopicWhoseNewestMessageIsOldest() {
        stamp("a");
        stamp("b");
        stamp("a");
        pass(Duration.ofSeconds(20));

        Stamp stamp = stamp("c");

        assertThat(stamp.previous()).isNegative();
        assertThat(tails.end("b")).isEqualTo(new TopicTails.End(2, false));
        assertThat(tails.end("a")).isEqualTo(new TopicTails.End(3, true));
        assertThat(tails.end("never used")).isEqualTo(new TopicTails.End(2, false));
        assertThat(tails.size()).isEqualTo(2);
    }

    @Test
    void doesNotSayThatNothingWasBeforeOnceItHasForgotten() {
        stamp("a");
        pass(Duration.ofSeconds(20));
        stamp("b");
        stamp("c");

        assertThat(stamp("b").previous()).isEqualTo(2);
        assertThat(stamp("c").previous()).isEqualTo(3);
        pass(Duration.ofSeconds(20));
        assertThat(stamp("a").previousPosition()).isNull();
    }

    @Test
    void refusesRatherThanForgetsWhatIsYoung() {
        stamp("a");
        stamp("b");
        pass(Duration.ofSeconds(19));

        assertThatThrownBy(() -> stamp("c"))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessageContaining("topics=2");
        assertThat(stamp("a").sequence()).as("given out").isEqualTo(3);
    }

    private Stamp stamp(String topic) {
        return tails.next(reign, topic, 5);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}
