package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerUnavailableException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class TopicTailsTest {

    private final Term term = new Term(1, 42);
    private final AtomicLong nanos = new AtomicLong();
    private final TopicTails tails = new TopicTails(2, Duration.ofSeconds(20), nanos::get);

    @Test
    void knowsThePreviousMessageOfATopic() {
        assertThat(header("a")).isEqualTo(new SequenceHeader(term, 1, 0, 5));
        assertThat(header("b")).isEqualTo(new SequenceHeader(term, 2, 0, 5));
        assertThat(header("a")).isEqualTo(new SequenceHeader(term, 3, 1, 5));
        assertThat(tails.end("a")).isEqualTo(new TopicTails.End(3, true));
        assertThat(tails.end("never used")).isEqualTo(new TopicTails.End(0, false));
    }

    @Test
    void forgetsTheTopicThatWasQuietLongest() {
        header("a");
        header("b");
        header("a");
        pass(Duration.ofSeconds(20));

        SequenceHeader header = header("c");

        assertThat(header.previous()).isNegative();
        assertThat(tails.end("b")).isEqualTo(new TopicTails.End(2, false));
        assertThat(tails.end("a")).isEqualTo(new TopicTails.End(3, true));
        assertThat(tails.end("never used")).isEqualTo(new TopicTails.End(2, false));
        assertThat(tails.size()).isEqualTo(2);
    }

    @Test
    void doesNotClaimThatThereWasNoMessageOnceItHasForgottenTopics() {
        header("a");
        pass(Duration.ofSeconds(20));
        header("b");
        header("c");

        assertThat(header("b").previous()).isEqualTo(2);
        assertThat(header("c").previous()).isEqualTo(3);
        pass(Duration.ofSeconds(20));
        assertThat(header("a").previousPosition()).isNull();
    }

    @Test
    void refusesATopicRatherThanForgetARecentOne() {
        header("a");
        header("b");
        pass(Duration.ofSeconds(19));

        assertThatThrownBy(() -> header("c"))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessageContaining("topics=2");
        assertThat(header("a").sequence()).as("assigned").isEqualTo(3);
    }

    private SequenceHeader header(String topic) {
        return tails.next(term, topic, 5);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}
