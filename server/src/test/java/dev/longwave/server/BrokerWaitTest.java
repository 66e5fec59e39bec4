package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerStatus;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.server.ops.BrokerHealth;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class BrokerWaitTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final BrokerHealth health = new BrokerHealth("tape", () -> Instant.EPOCH);
    private final List<BrokerState> statesOfAttempts = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();
    private int opened;
    private int closed;
    private long nanos;

    @Test
    void connectsAtOnceIfItCan() {
        assertThat(until(MINUTE, 0)).isEqualTo("connected");

        assertThat(pauses).isEmpty();
        assertThat(opened).isZero();
        assertThat(health.condition().state()).isEqualTo(BrokerState.CONNECTED);
    }

    @Test
    void waitsAndIsNotReadyMeanwhile() {
        assertThat(until(MINUTE, 7)).isEqualTo("connected");

        assertThat(pauses).hasSize(7).containsOnly(BrokerWait.PAUSE);
        assertThat(statesOfAttempts.subList(1, 8)).containsOnly(BrokerState.DISCONNECTED);
        assertThat(opened).isEqualTo(1);
        assertThat(closed).isEqualTo(1);
        assertThat(health.condition().state()).isEqualTo(BrokerState.CONNECTED);
    }

    @Test
    void doesNotWaitByDefault() {
        assertThatThrownBy(() -> until(Duration.ZERO, 1))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessage("no tape 1; cause: ConnectException: Connection refused");

        assertThat(pauses).isEmpty();
        assertThat(opened).isZero();
    }

    @Test
    void givesUpInTimeAndSaysWhyTheLastAttemptFailed() {
        assertThatThrownBy(() -> until(Duration.ofMillis(2500), 100))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessage("no tape 4; cause: ConnectException: Connection refused");

        assertThat(pauses)
                .containsExactly(BrokerWait.PAUSE, BrokerWait.PAUSE, Duration.ofMillis(500));
        assertThat(closed).isEqualTo(1);
    }

    @Test
    void doesNotWaitForWhatAnOperatorMustChange() {
        Supplier<String> misconfigured =
                () -> {
                    throw new BrokerConfigurationException("wrong password");
                };

        assertThatThrownBy(() -> waiting(MINUTE).until(misconfigured))
                .isInstanceOf(BrokerConfigurationException.class);

        assertThat(pauses).isEmpty();
    }

    @Test
    void keepsTheStateThatTheBrokerTells() {
        Supplier<String> connecting =
                () -> {
                    if (pauses.isEmpty()) {
                        throw new BrokerUnavailableException("no tape");
                    }
                    health.accept(BrokerStatus.failed("torn"));
                    return "connected";
                };

        assertThat(waiting(MINUTE).until(connecting)).isEqualTo("connected");
        assertThat(health.condition().state()).isEqualTo(BrokerState.FAILED);
    }

    @Test
    void endsWhenItIsInterrupted() {
        BrokerWait.Time time =
                new BrokerWait.Time() {
                    @Override
                    public long nanos() {
                        return 0;
                    }

                    @Override
                    public void pass(Duration duration) throws InterruptedException {
                        throw new InterruptedException();
                    }
                };
        var wait = new BrokerWait(MINUTE, health, this::open, time);

        assertThatThrownBy(() -> wait.until(failing(1)))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessageStartingWith("interrupted");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(closed).isEqualTo(1);
    }

    private String until(Duration limit, int failures) {
        return waiting(limit).until(failing(failures));
    }

    private BrokerWait waiting(Duration limit) {
        return new BrokerWait(
                limit,
                health,
                this::open,
                new BrokerWait.Time() {
                    @Override
                    public long nanos() {
                        return nanos;
                    }

                    @Override
                    public void pass(Duration duration) {
                        pauses.add(duration);
                        nanos += duration.toNanos();
                    }
                });
    }

    private AutoCloseable open() {
        opened++;
        return () -> closed++;
    }

    private Supplier<String> failing(int failures) {
        return () -> {
            statesOfAttempts.add(health.condition().state());
            int attempt = statesOfAttempts.size();
            if (attempt <= failures) {
                throw new BrokerUnavailableException(
                        "no tape " + attempt, new ConnectException("Connection refused"));
            }
            return "connected";
        };
    }
}
