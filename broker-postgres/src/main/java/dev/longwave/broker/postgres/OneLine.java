package dev.longwave.broker.postgres;

import java.sql.SQLException;

/** What went wrong, as facts that fit into a line of a log. */
final class OneLine {

    private OneLine() {}

    /** {@return an error as {@code sqlstate=… cause=…}; or without a state, if it has none} */
    static String of(Throwable error) {
        String cause = "cause=" + text(String.valueOf(error.getMessage()));
        return error instanceof SQLException sql && sql.getSQLState() != null
                ? "sqlstate=" + sql.getSQLState() + ' ' + cause
                : cause;
    }

    /** {@return a text without line breaks} */
    static String text(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
