package dev.longwave.broker;

import org.jspecify.annotations.Nullable;

/** What can go wrong with a broker, split by what the caller can do about it. */
public abstract sealed class BrokerException extends RuntimeException
        permits BrokerUnavailableException, MessageRefusedException, BrokerConfigurationException {

    private static final long serialVersionUID = 1L;

    BrokerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
