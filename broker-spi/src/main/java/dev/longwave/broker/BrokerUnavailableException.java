package dev.longwave.broker;

import org.jspecify.annotations.Nullable;

/**
 * No answer came in time, or the connection was lost.
 *
 * <p>The outcome is unknown: a publish may have been accepted. Publish again with the same {@link
 * Message#id()}, and one of the two is kept.
 */
public final class BrokerUnavailableException extends BrokerException {

    private static final long serialVersionUID = 1L;

    private final boolean notSent;

    public BrokerUnavailableException(String message, @Nullable Throwable cause) {
        this(message, cause, false);
    }

    public BrokerUnavailableException(String message) {
        this(message, null);
    }

    private BrokerUnavailableException(String message, @Nullable Throwable cause, boolean notSent) {
        super(message, cause);
        this.notSent = notSent;
    }

    /** {@return a failure before anything was sent: the servers certainly have not accepted it} */
    public static BrokerUnavailableException notSent(String message, @Nullable Throwable cause) {
        return new BrokerUnavailableException(message, cause, true);
    }

    /** {@return whether nothing was sent, so that trying again cannot repeat anything} */
    public boolean isNotSent() {
        return notSent;
    }
}
