package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an error of the driver or the server means: its SQLSTATE tells. */
final class PostgresFailure {
    /*
     * An error that the server reports ends the statement and its transaction, so nothing was stored. The exceptions
     * are the ends of connections (class 08, which the driver reports itself, and class 57, a server that shuts down):
     * then the outcome is unknown.
     */
    private static final String CLASS_CONNECTION = "08";
    private static final String CLASS_DATA = "22"; // the values are at fault
    private static final String CLASS_SHUTDOWN = "57P";

    private PostgresFailure() {}

    /**
     * {@return the failure of a statement}
     *
     * @param what the purpose; the message reads "cannot" followed by it
     */
    static BrokerException of(String what, SQLException e) {
        String state = stateOf(e);
        if (state.startsWith(CLASS_DATA)) {
            return new MessageRefusedException("cannot " + what + " sqlstate=" + state, e);
        }
        Reason reason = refusal(state);
        return reason == null
                ? new BrokerUnavailableException("cannot " + what + " sqlstate=" + state, e)
                : new BrokerRefusedException(reason, words(what, e), e);
    }

    /** {@return the failure to get a connection} Nothing was sent. */
    static BrokerException ofConnecting(String what, SQLException e) {
        String state = stateOf(e);
        Reason reason = state.startsWith(CLASS_CONNECTION) ? null : refusal(state);
        return reason == null
                ? BrokerUnavailableException.notSent(words(what, e), e)
                : new BrokerRefusedException(reason, words(what, e), e);
    }

    /** {@return why the server refuses, or null if it may not have answered at all} */
    private static @Nullable Reason refusal(String state) {
        if (state.isEmpty()
                || state.startsWith(CLASS_CONNECTION)
                || state.startsWith(CLASS_SHUTDOWN)) {
            return null;
        }
        return switch (state) {
            case "53100" -> Reason.FULL;
            case "25006" -> Reason.READ_ONLY;
            case "42501" -> Reason.DENIED;
            case "55P03", "40001", "40P01", "53300", "57014" -> Reason.BUSY;
            default -> refusalOfClass(state.substring(0, 2));
        };
    }

    private static Reason refusalOfClass(String stateClass) {
        return switch (stateClass) {
            case "28" -> Reason.DENIED; // the login
            case "3D", "3F", "42" ->
                    Reason.MISCONFIGURED; // no such database, schema, table, or function
            default -> Reason.OTHER;
        };
    }

    /** {@return what to tell an operator of a refusal, in a few words} */
    static String summary(BrokerRefusedException e) {
        return e.getCause() instanceof SQLException sql
                ? summary(sql)
                : "the server refuses reason=" + e.reason().word();
    }

    /** {@return what to tell an operator of a failure, in a few words} */
    static String summary(SQLException e) {
        String state = stateOf(e);
        String words =
                switch (state.length() < 2 ? "" : state.substring(0, 2)) {
                    case "28" -> "the server refuses the login";
                    case "3D" -> "the database does not exist";
                    case "3F" -> "the schema does not exist";
                    case "42" ->
                            state.equals("42501")
                                    ? "the role lacks a permission"
                                    : "the schema is incomplete";
                    case "53" ->
                            state.equals("53300")
                                    ? "the server has no connection left"
                                    : "the server lacks resources";
                    case "57" -> "the server shuts down or starts";
                    default -> "no answer from the server";
                };
        return state.isEmpty() ? words : words + " sqlstate=" + state;
    }

    /** {@return the SQLSTATE of an error or of what caused it; empty if there is none} */
    static String stateOf(SQLException e) {
        Throwable each = e;
        for (int depth = 0; each != null && depth < 8; depth++) {
            if (each instanceof SQLException sql && sql.getSQLState() != null) {
                return Objects.requireNonNull(sql.getSQLState());
            }
            each = each.getCause();
        }
        return "";
    }

    private static String words(String what, SQLException e) {
        return "cannot " + what + ' ' + ErrorText.of(e);
    }
}
