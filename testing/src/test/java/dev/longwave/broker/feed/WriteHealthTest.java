package dev.longwave.broker.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.BrokerState;
import org.junit.jupiter.api.Test;

final class WriteHealthTest extends FeedFixture {

    private final WriteHealth health = new WriteHealth("test", feed, this::probe);
    private boolean full = true;
    private int probes;

    private void probe() {
        probes++;
        if (full) {
            throw refusal();
        }
    }

    private static BrokerRefusedException refusal() {
        return new BrokerRefusedException(Reason.FULL, "full, for a test", null);
    }

    @Test
    void isDegradedUntilAProbeIsStored() {
        health.refused(refusal());
        schedule.pass(WriteHealth.PROBE_PERIOD);
        assertThat(states()).containsExactly(BrokerState.CONNECTED, BrokerState.DEGRADED);

        full = false;
        schedule.pass(WriteHealth.PROBE_PERIOD);

        assertThat(states()).last().isEqualTo(BrokerState.CONNECTED);
        assertThat(probes).isEqualTo(2);
    }

    @Test
    void staysDegradedWhileOneOfSeveralServersRefuses() {
        for (int i = 0; i < 10; i++) {
            health.refused(refusal());
            health.accepted();
        }
        assertThat(states()).containsExactly(BrokerState.CONNECTED, BrokerState.DEGRADED);

        schedule.pass(WriteHealth.PROBE_PERIOD);
        health.accepted();

        assertThat(states()).last().isEqualTo(BrokerState.CONNECTED);
    }

    @Test
    void hasOneProbeAtATime() {
        health.refused(refusal());
        schedule.pass(WriteHealth.PROBE_PERIOD);
        health.accepted();

        health.refused(refusal()); // while the next probe is queued
        schedule.pass(WriteHealth.PROBE_PERIOD);

        assertThat(probes).isEqualTo(2);
    }

    @Test
    void endsProbingOnceServersAccept() {
        health.refused(refusal());
        schedule.pass(WriteHealth.PROBE_PERIOD);
        health.accepted();

        schedule.pass(WriteHealth.PROBE_PERIOD.multipliedBy(5));

        assertThat(probes).isEqualTo(1);
    }
}
