package dev.longwave.token;

/**
 * A key cannot be used; the message tells the operator which key, why, and what to do. It contains
 * no part of a key. Trying again cannot help until the key is changed.
 */
public final class KeyException extends RuntimeException {

    private static final long serialVersionUID = 1;

    KeyException(String message) {
        super(message);
    }

    KeyException(String message, Throwable cause) {
        super(message, cause);
    }
}
