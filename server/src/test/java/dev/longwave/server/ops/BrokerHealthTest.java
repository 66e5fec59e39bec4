package dev.longwave.server.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BrokerHealthTest {

    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

    private Instant now = START;
    private final BrokerHealth health = new BrokerHealth("tape", () -> now);

    @Test
    void isConnectedAtFirst() {
        assertThat(health.condition())
                .isEqualTo(new BrokerHealth.Condition(BrokerState.CONNECTED, "", START));
    }

    @ParameterizedTest
    @CsvSource({"CONNECTED, true", "RESYNCING, true", "DISCONNECTED, false", "FAILED, false"})
    void isReadyWhileItCanBeReached(BrokerState state, boolean ready) {
        health.accept(BrokerStatus.of(state, "for a test"));

        assertThat(health.condition().ready()).isEqualTo(ready);
    }

    @Test
    void lastsFromTheFirstTimeThatItWasTold() {
        now = START.plusSeconds(10);
        health.accept(BrokerStatus.disconnected("no answer"));
        now = START.plusSeconds(20);
        health.accept(BrokerStatus.disconnected("no answer"));

        assertThat(health.condition().since()).isEqualTo(START.plusSeconds(10));
    }

    @Test
    void logsWhatIsNews() {
        Logger logger = Logger.getLogger(BrokerHealth.class.getName());
        List<String> records = new ArrayList<>();
        Handler handler = collector(records);
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        try {
            now = START.plusSeconds(10);
            health.accept(BrokerStatus.disconnected("no answer"));
            health.accept(BrokerStatus.disconnected("no answer"));
            now = START.plusSeconds(12);
            health.accept(BrokerStatus.connected());
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
        }

        assertThat(records)
                .containsExactly(
                        "WARNING broker type=tape state=disconnected before=connected for=PT10S"
                                + " reason: no answer",
                        "INFO broker type=tape state=connected before=disconnected for=PT2S");
    }

    private static Handler collector(List<String> records) {
        var formatter = new SimpleFormatter();
        var handler =
                new Handler() {
                    @Override
                    public void publish(LogRecord entry) {
                        records.add(entry.getLevel() + " " + formatter.formatMessage(entry));
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        handler.setLevel(Level.ALL);
        return handler;
    }
}
