package dev.longwave.server.centrifuge;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.core.InvalidTopicException;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.ProblemException;
import org.jspecify.annotations.Nullable;

/** Why a command failed, as the client is told. */
enum ErrorCode {
    INTERNAL(100, "internal server error", true),
    UNAUTHORIZED(101, "unauthorized", false),
    UNKNOWN_CHANNEL(102, "unknown channel", false),
    PERMISSION_DENIED(103, "permission denied", false),
    METHOD_NOT_FOUND(104, "method not found", false),
    ALREADY_SUBSCRIBED(105, "already subscribed", false),
    LIMIT_EXCEEDED(106, "limit exceeded", false),
    BAD_REQUEST(107, "bad request", false),
    NOT_AVAILABLE(108, "not available", false),
    TOKEN_EXPIRED(109, "token expired", false),
    TOO_MANY_REQUESTS(111, "too many requests", true),
    UNRECOVERABLE_POSITION(112, "unrecoverable position", false);

    private static final System.Logger LOGGER = System.getLogger(ErrorCode.class.getName());

    private final int code;
    private final String message;
    private final boolean temporary;

    ErrorCode(int code, String message, boolean temporary) {
        this.code = code;
        this.message = message;
        this.temporary = temporary;
    }

    int code() {
        return code;
    }

    /** Whether the client should try again by itself. */
    boolean temporary() {
        return temporary;
    }

    CommandException exception() {
        return new CommandException(this, message);
    }

    /**
     * @param words what went wrong, ending in facts
     */
    CommandException exception(@Nullable String words) {
        return new CommandException(this, words == null ? message : message + ": " + words);
    }

    /** {@return what a client is told of {@code e}} */
    static CommandException of(RuntimeException e) {
        return switch (e) {
            case CommandException known -> known;
            case ProblemException refused -> of(refused.problem());
            case InvalidTopicException invalid -> UNKNOWN_CHANNEL.exception(invalid.getMessage());
            case MessageRefusedException refused -> BAD_REQUEST.exception(refused.getMessage());
            case BrokerException unavailable -> {
                // Its message names the broker's servers.
                LOGGER.log(System.Logger.Level.DEBUG, "the broker did not answer", unavailable);
                yield INTERNAL.exception("no answer from the broker");
            }
            case UnsupportedOperationException _ -> NOT_AVAILABLE.exception();
            case IllegalArgumentException malformed ->
                    BAD_REQUEST.exception(malformed.getMessage());
            default -> {
                LOGGER.log(System.Logger.Level.ERROR, "a command failed", e);
                yield INTERNAL.exception();
            }
        };
    }

    private static CommandException of(Problem problem) {
        if (isExpired(problem)) {
            return TOKEN_EXPIRED.exception();
        }
        ErrorCode error =
                switch (problem.status()) {
                    case 401 -> UNAUTHORIZED;
                    case 403 -> PERMISSION_DENIED;
                    case 413 -> LIMIT_EXCEEDED;
                    case 429 -> TOO_MANY_REQUESTS;
                    case 501 -> NOT_AVAILABLE;
                    default -> problem.status() < 500 ? BAD_REQUEST : INTERNAL;
                };
        return error.exception(problem.detail());
    }

    /** {@return whether a credential was not accepted because it has expired} */
    static boolean isExpired(Problem problem) {
        return problem.rule().equals(Problem.CREDENTIAL_REFUSED)
                && "expired".equals(problem.facts().get("reason"));
    }
}
