package dev.longwave.broker;

import org.jspecify.annotations.Nullable;

/** The broker will not have this message, however often it is tried: too large, or a bad topic. */
public final class MessageRefusedException extends BrokerException {

    private static final long serialVersionUID = 1L;

    public MessageRefusedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    public MessageRefusedException(String message) {
        this(message, null);
    }
}
