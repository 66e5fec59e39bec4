package dev.longwave.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bytes that a stream is sent beside its events, and topics whose client is told first. */
final class SentBytesTest {

    private final FakeBroker broker = new FakeBroker();
    private final Hub hub =
            new Hub(
                    broker,
                    new HubOptions(
                            8,
                            1 << 20,
                            Duration.ofMinutes(1),
                            4,
                            1 << 20,
                            1,
                            _ -> new LagPolicy.Replay()));
    private final Outbox<LineBatch> outbox = hub.open();

    @AfterEach
    void close() {
        hub.release(outbox);
        hub.close();
    }

    private boolean send(String text) {
        return outbox.send(text.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> take() {
        var batch = new LineBatch();
        assertThat(outbox.take(batch)).isTrue();
        return batch.lines();
    }

    @Test
    void comeBeforeTheEventsOfATopicThatIsAddedLater() {
        send("reply");
        hub.add(outbox, "a", Optional.empty());
        broker.publish("a", "1");

        assertThat(take()).containsExactly("reply", "1");
    }

    @Test
    void areTheLastOfATopicThatWasRemovedBefore() {
        hub.add(outbox, "a", Optional.empty());
        broker.publish("a", "1");
        assertThat(take()).containsExactly("1");

        hub.remove(outbox, "a");
        send("bye");
        broker.publish("a", "2");

        assertThat(take()).containsExactly("bye");
    }

    @Test
    void followWhatAnOpeningHasGivenOutAndComeBeforeTheRest() {
        Position begin = broker.publish("a", "0");
        for (int i = 1; i <= 6; i++) {
            broker.publish("a", "" + i);
        }

        Opening opening = hub.begin("a", Optional.of(Start.after(begin)));
        List<Event> missed = opening.take(4, 1 << 20);
        send("4 missed");
        assertThat(opening.position()).isEqualTo(missed.getLast().position());
        assertThat(opening.addTo(outbox)).isTrue();
        broker.publish("a", "7");

        assertThat(missed).hasSize(4);
        assertThat(take()).containsExactly("4 missed", "5", "6", "7");
    }

    @Test
    void leaveNothingBehindIfAnOpeningIsGivenUp() {
        hub.begin("a", Optional.empty()).close();

        assertThat(hub.subscriptionCount()).isZero();
    }

    @Test
    void waitForRoom() throws Exception {
        send("x".repeat(2000));

        assertThat(outbox.awaitRoom(1000, Duration.ZERO)).isFalse();
        assertThat(take()).hasSize(1);
        assertThat(outbox.awaitRoom(1000, Duration.ZERO)).isTrue();
    }

    @Test
    void endAStreamWhoseClientTakesNone() {
        assertThat(send("x".repeat(Outbox.MAX_SENT_BYTES))).isTrue();
        assertThat(send("x")).isTrue();

        assertThat(send("one too many")).isFalse();

        assertThat(outbox.closeReason()).isEqualTo(CloseReason.TOO_SLOW);
    }

    @Test
    void areNotTakenOnceTheStreamWasReleased() {
        Outbox<LineBatch> other = hub.open();
        hub.release(other);

        assertThat(other.send(new byte[1])).isFalse();
        assertThat(hub.begin("a", Optional.empty()).addTo(other)).isFalse();
        assertThat(hub.subscriptionCount()).isZero();
    }
}
