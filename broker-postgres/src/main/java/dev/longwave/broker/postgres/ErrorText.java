package dev.longwave.broker.postgres;

import java.sql.SQLException;

/** Formats errors as facts on a single line of a log. */
final class ErrorText {

    private ErrorText() {}

    /** {@return the error as {@code sqlstate=… cause=…}, or without the state if it has none} */
    static String of(Throwable error) {
        String cause = "cause=" + oneLine(String.valueOf(error.getMessage()));
        return error instanceof SQLException sql && sql.getSQLState() != null
                ? "sqlstate=" + sql.getSQLState() + ' ' + cause
                : cause;
    }

    /** {@return the text without line breaks} */
    static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
