package dev.longwave.broker;

import org.jspecify.annotations.Nullable;

/**
 * The broker will never accept this message, as it is too large or its topic is impossible here.
 */
public final class MessageRefusedException extends BrokerException {

    private static final long serialVersionUID = 1L;

    public MessageRefusedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    public MessageRefusedException(String message) {
        this(message, null);
    }
}
