package dev.longwave.broker;

import org.jspecify.annotations.Nullable;

/** The broker cannot start as it is configured; the message tells the operator what to change. */
public final class BrokerConfigurationException extends BrokerException {

    private static final long serialVersionUID = 1L;

    public BrokerConfigurationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    public BrokerConfigurationException(String message) {
        this(message, null);
    }
}
