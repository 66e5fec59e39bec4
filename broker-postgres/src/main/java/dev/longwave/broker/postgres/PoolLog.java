package dev.longwave.broker.postgres;

import java.util.List;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Makes one line of each complaint of the pool, which writes a stack trace otherwise. */
final class PoolLog implements Filter {
    /*
     * The pool logs by SLF4J, which is bound to java.util.logging here, and so is System.Logger
     * unless somebody binds it to something else. Then this does nothing, and harms nobody.
     */
    private static final String POOL = "com.zaxxer.hikari";

    /** Held for ever: java.util.logging forgets a logger that nobody holds, and its filter. */
    private static final List<Logger> LOGGERS =
            List.of(
                    Logger.getLogger(POOL + ".pool.HikariPool"),
                    Logger.getLogger(POOL + ".pool.PoolBase"),
                    Logger.getLogger(POOL + ".pool.ProxyConnection"));

    private static final Logger STARTS = Logger.getLogger(POOL + ".HikariDataSource");

    private PoolLog() {}

    /** Begins, for all pools. Again does nothing. */
    static void begin() {
        var filter = new PoolLog();
        LOGGERS.forEach(logger -> logger.setFilter(filter));
        if (STARTS.getLevel() == null) {
            STARTS.setLevel(Level.WARNING); // that it starts and ends, the broker's state tells
        }
    }

    @Override
    public boolean isLoggable(LogRecord record) {
        if (record.getLevel().intValue() < Level.WARNING.intValue()) {
            return true;
        }
        Throwable thrown = record.getThrown();
        String message = OneLine.text(String.valueOf(record.getMessage()));
        if (message.contains("Failed to validate")) {
            return false; // an idle one: all of them say so after each outage, which was told
        }
        if (message.contains("marked as broken")) {
            message = "a connection to PostgreSQL was lost";
        }
        record.setMessage(thrown == null ? message : message + ' ' + OneLine.of(thrown));
        record.setThrown(null);
        return true;
    }
}
