package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

final class PoolLogFilterTest {

    @Test
    void reportsALostConnectionInOneLine() {
        var record =
                new LogRecord(
                        Level.WARNING, "p - Connection c marked as broken because of SQLSTATE");
        record.setThrown(new SQLException("FATAL: the end\n  Where: here", "57P01"));

        filter("ProxyConnection").isLoggable(record);

        assertThat(record.getMessage())
                .isEqualTo(
                        "a connection to PostgreSQL was lost sqlstate=57P01 cause=FATAL: the end"
                                + " Where: here");
        assertThat(record.getThrown()).isNull();
    }

    @Test
    void saysNothingOfIdleConnections() {
        var record = new LogRecord(Level.WARNING, "p - Failed to validate connection c (closed).");

        assertThat(filter("PoolBase").isLoggable(record)).isFalse();
    }

    @Test
    void keepsOtherComplaints() {
        var record = new LogRecord(Level.WARNING, "p - Thread starvation or clock leap detected");

        assertThat(filter("HikariPool").isLoggable(record)).isTrue();
        assertThat(record.getMessage()).isEqualTo("p - Thread starvation or clock leap detected");
    }

    private static Filter filter(String name) {
        PoolLogFilter.install();
        return Logger.getLogger("com.zaxxer.hikari.pool." + name).getFilter();
    }
}
