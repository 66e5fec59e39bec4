package dev.longwave.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ClientFaultsTest {

    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.7", 4711);

    private final Logger logger = Logger.getLogger(ClientFaults.class.getName());
    private final AtomicLong now = new AtomicLong(1);
    private final ClientFaults faults = new ClientFaults(now::get);
    private final List<LogRecord> records = new ArrayList<>();
    private final Handler handler =
            new Handler() {
                @Override
                public void publish(LogRecord record) {
                    records.add(record);
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };

    @BeforeEach
    void listen() {
        handler.setLevel(Level.ALL);
        logger.addHandler(handler);
    }

    @AfterEach
    void stopListening() {
        logger.removeHandler(handler);
        logger.setLevel(null);
    }

    @Test
    void summarisesAKindOnceAMinute() {
        for (int i = 0; i < 1_000; i++) {
            faults.note(ClientFaults.Kind.MALFORMED, CLIENT, "no colon");
        }
        assertThat(warnings())
                .containsExactly(
                        "1 malformed requests since the last such line; the latest from 192.0.2.7");

        now.addAndGet(Duration.ofMinutes(1).toNanos());
        faults.note(ClientFaults.Kind.MALFORMED, CLIENT, "no colon");

        assertThat(warnings())
                .hasSize(2)
                .last()
                .isEqualTo(
                        "1000 malformed requests since the last such line; the latest from"
                                + " 192.0.2.7");
    }

    @Test
    void summarisesKindsApart() {
        faults.note(ClientFaults.Kind.MALFORMED, CLIENT, "no colon");
        faults.note(ClientFaults.Kind.FLOOD, CLIENT, "pings");

        assertThat(warnings()).hasSize(2);
    }

    @Test
    void logsEachFaultInOneLineForDebugging() {
        logger.setLevel(Level.FINE);

        faults.note(
                ClientFaults.Kind.MALFORMED,
                CLIENT,
                "size z\r\nSEVERE: forged \u001b[31m {0}" + "x".repeat(100_000));

        String line = new SimpleFormatter().formatMessage(records.getFirst());
        assertThat(records.getFirst().getLevel()).isEqualTo(Level.FINE);
        assertThat(line)
                .startsWith(
                        "malformed requests: size z\\u000d\\u000aSEVERE: forged \\u001b[31m {0}xx")
                .endsWith("xx... client=192.0.2.7")
                .hasSizeLessThan(300);
    }

    private List<String> warnings() {
        var formatter = new SimpleFormatter();
        return records.stream()
                .filter(record -> record.getLevel().equals(Level.WARNING))
                .map(formatter::formatMessage)
                .toList();
    }
}
