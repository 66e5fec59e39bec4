package dev.longwave.broker.postgres;

import java.util.List;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Reduces each warning of the pool to one line; the pool adds a stack trace to it. */
final class PoolLogFilter implements Filter {
    /*
     * The pool logs through SLF4J, which is bound to java.util.logging here, as System.Logger is by
     * default. If either is bound to something else, this filter has no effect.
     */
    private static final String POOL = "com.zaxxer.hikari";

    /**
     * Strongly referenced: java.util.logging drops an unreferenced logger, and with it its filter.
     */
    private static final List<Logger> LOGGERS =
            List.of(
                    Logger.getLogger(POOL + ".pool.HikariPool"),
                    Logger.getLogger(POOL + ".pool.PoolBase"),
                    Logger.getLogger(POOL + ".pool.ProxyConnection"));

    private static final Logger STARTS = Logger.getLogger(POOL + ".HikariDataSource");

    private PoolLogFilter() {}

    /** Installs the filter for all pools. Repeated calls have no effect. */
    static void install() {
        var filter = new PoolLogFilter();
        LOGGERS.forEach(logger -> logger.setFilter(filter));
        if (STARTS.getLevel() == null) {
            STARTS.setLevel(Level.WARNING); // the broker's state says when the pool starts and ends
        }
    }

    @Override
    public boolean isLoggable(LogRecord record) {
        if (record.getLevel().intValue() < Level.WARNING.intValue()) {
            return true;
        }
        Throwable thrown = record.getThrown();
        String message = ErrorText.oneLine(String.valueOf(record.getMessage()));
        if (message.contains("Failed to validate")) {
            return false; // idle connections report each outage again
        }
        if (message.contains("marked as broken")) {
            message = "a connection to PostgreSQL was lost";
        }
        record.setMessage(thrown == null ? message : message + ' ' + ErrorText.of(thrown));
        record.setThrown(null);
        return true;
    }
}
