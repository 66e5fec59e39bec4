package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.RecordingSink;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** That neither a password nor data is logged, at any level. */
final class SecretsIT extends PostgresFixture {

    private static final String SECRET = "hush-4711";

    private final Queue<LogRecord> records = new ConcurrentLinkedQueue<>();
    private final List<Logger> loggers =
            List.of(
                    Logger.getLogger("dev.longwave"),
                    Logger.getLogger("org.postgresql"),
                    Logger.getLogger("com.zaxxer.hikari"));
    private final Handler recorder =
            new Handler() {
                @Override
                public void publish(LogRecord record) {
                    records.add(record);
                }

                @Override
                public void flush() {
                    // Nothing is buffered.
                }

                @Override
                public void close() {
                    // Nothing is open.
                }
            };

    @BeforeAll
    static void setPassword() {
        server.psql("ALTER ROLE longwave PASSWORD '" + SECRET + "'");
    }

    @BeforeEach
    void record() {
        recorder.setLevel(Level.ALL);
        for (Logger logger : loggers) {
            logger.setLevel(Level.ALL);
            logger.setUseParentHandlers(false);
            logger.addHandler(recorder);
        }
    }

    @AfterEach
    void stopRecording() {
        for (Logger logger : loggers) {
            logger.removeHandler(recorder);
            logger.setUseParentHandlers(true);
            logger.setLevel(null);
        }
    }

    @Override
    protected Map<String, String> deployment() {
        return Map.of("user", "longwave", "password", SECRET);
    }

    @Test
    void logsNoSecretWhileItWorksAndWhileItDoesNot() {
        try (var proxy = new FaultProxy(server.port())) {
            Broker node =
                    createNode(
                            Map.of(
                                    "url",
                                    server.jdbcUrl(proxy.port()) + "?password=" + SECRET,
                                    "timeout",
                                    "PT1S"));
            var sink = new RecordingSink();
            node.subscribe(topic, sink);
            node.publish(topic, text(SECRET, "id"));
            node.claim(SECRET, Duration.ofMinutes(1));

            proxy.refuse();
            awaitThat("word of it", () -> states(node).getLast() == BrokerState.DISCONNECTED);
            Throwable refused = catchThrowable(() -> node.publish(topic, text(SECRET)));
            proxy.heal();
            awaitThat("recovery", () -> states(node).getLast() == BrokerState.CONNECTED);
            node.close();

            assertThat(refused).isInstanceOf(BrokerException.class);
            assertThat(trace(refused)).doesNotContain(SECRET);
            assertThat(logged()).isNotEmpty().noneMatch(it -> it.contains(SECRET));
        }
    }

    @Test
    void complainsWithoutStackTraces() {
        Broker node = createNode(Map.of("url", server.jdbcUrl()));
        node.publish(topic, text("1"));

        server.psql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename ="
                        + " 'longwave'");
        awaitThat("use again", () -> succeeds(() -> node.publish(topic, text("2"))));
        awaitThat(
                "notifications again",
                () ->
                        logged().stream()
                                .anyMatch(it -> it.contains("receiving notifications again")));

        assertThat(records)
                .filteredOn(it -> it.getLevel().intValue() >= Level.INFO.intValue())
                .isNotEmpty()
                .allMatch(it -> it.getThrown() == null)
                .allMatch(it -> it.getMessage().lines().count() == 1);
    }

    @Test
    void saysWhyItCannotStart() {
        assertThatThrownBy(() ->
                        createNode(Map.of("url", server.jdbcUrl().replace("/postgres", "/none"))))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("user=longwave schema=longwave sqlstate=3D000 cause=FATAL");
        assertThatThrownBy(() -> createNode(Map.of("url", "jdbc:postgresql://127.0.0.1:1/none")))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessageContaining("user=longwave schema=longwave sqlstate=08001");
    }

    @Test
    void namesNoSecretWhenItCannotStart() {
        for (String url :
                List.of(
                        server.jdbcUrl().replace("/postgres", "/none") + "?password=" + SECRET,
                        "jdbc:postgresql://127.0.0.1:1/postgres?password=" + SECRET,
                        "jdbc:postgresql://longwave:" + SECRET + "@127.0.0.1:1/postgres",
                        "jdbc:postgresql://" + SECRET + ":x/postgres")) {
            Throwable thrown = catchThrowable(() -> createNode(Map.of("url", url)));

            assertThat(thrown).as(url).isInstanceOf(BrokerException.class);
            assertThat(trace(thrown)).doesNotContain(SECRET);
        }
        assertThat(logged()).noneMatch(it -> it.contains(SECRET));
    }

    private static boolean succeeds(Runnable work) {
        try {
            work.run();
            return true;
        } catch (BrokerException _) {
            return false;
        }
    }

    private List<String> logged() {
        var formatter = new SimpleFormatter();
        return records.stream().map(formatter::format).toList();
    }

    private static String trace(Throwable thrown) {
        var text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
