package dev.longwave.broker;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The broker's servers answered, and refuse for now: their store is full, say. Nothing was changed.
 * Trying again helps once an operator has.
 */
public final class BrokerRefusedException extends BrokerException {

    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** Why servers refuse. Clients see the word; later versions may add constants. */
    public enum Reason {
        /** No memory, disk, or quota is left. */
        FULL,
        /** The server takes no writes: a replica, or one that is being recovered. */
        READ_ONLY,
        /** The broker's user lacks the permission, or its credentials are refused. */
        DENIED,
        /** What the broker needs on the server is missing, or was changed. */
        MISCONFIGURED,
        /** The server is starting, electing a leader, or has too much to do. */
        BUSY,
        /** Another one, which the log tells. */
        OTHER;

        /** {@return the word for it on the wire: lower case, with dashes} */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * A refusal.
     *
     * @param words what the server said, for the log: never shown to clients
     */
    public BrokerRefusedException(Reason reason, String words, @Nullable Throwable cause) {
        super(words, cause);
        this.reason = reason;
    }

    /** {@return why} */
    public Reason reason() {
        return reason;
    }
}
