package dev.longwave.server.net.helidon;

/**
 * Thrown where a request is malformed: RFC 9113, section 8.1.1. Its stream ends with an error, and
 * no other.
 */
final class MalformedRequest extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * @param words what is wrong with it, in words that a problem document can have
     */
    MalformedRequest(String words) {
        super(words);
    }

    String words() {
        return String.valueOf(getMessage());
    }

    /** Without the stack: clients cause these, and may cause many. */
    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // it does nothing
    public Throwable fillInStackTrace() {
        return this;
    }
}
