package dev.longwave.token;

import org.jspecify.annotations.Nullable;

/** A key that cannot be read, or is too weak. The message says what to do; it shows no key. */
public final class KeyException extends Exception {

    private static final long serialVersionUID = 1;

    KeyException(String message) {
        super(message);
    }

    KeyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
