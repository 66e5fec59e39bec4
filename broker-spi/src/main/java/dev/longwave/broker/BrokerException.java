package dev.longwave.broker;

import org.jspecify.annotations.Nullable;

/**
 * A failure of a broker. Its subclasses differ in what the caller can do about it; later versions
 * may add some.
 */
public abstract class BrokerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BrokerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
