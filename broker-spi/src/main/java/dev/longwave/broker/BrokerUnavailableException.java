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

    public BrokerUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    public BrokerUnavailableException(String message) {
        this(message, null);
    }
}
