package dev.longwave.broker;

import java.util.Objects;

/** A broker's state, and the reason for it in words. Immutable. */
public final class BrokerStatus {

    /** How many characters of a reason are kept. */
    public static final int MAX_REASON_LENGTH = 300;

    private final BrokerState state;
    private final String reason;

    private BrokerStatus(BrokerState state, String reason) {
        this.state = state;
        this.reason = reason;
    }

    /** {@return {@link BrokerState#CONNECTED}, which needs no reason} */
    public static BrokerStatus connected() {
        return of(BrokerState.CONNECTED, "");
    }

    /** {@return {@link BrokerState#RESYNCING} for this reason} */
    public static BrokerStatus resyncing(String reason) {
        return of(BrokerState.RESYNCING, reason);
    }

    /** {@return {@link BrokerState#DEGRADED} for this reason} */
    public static BrokerStatus degraded(String reason) {
        return of(BrokerState.DEGRADED, reason);
    }

    /** {@return {@link BrokerState#DISCONNECTED} for this reason} */
    public static BrokerStatus disconnected(String reason) {
        return of(BrokerState.DISCONNECTED, reason);
    }

    /** {@return {@link BrokerState#FAILED} for this reason} */
    public static BrokerStatus failed(String reason) {
        return of(BrokerState.FAILED, reason);
    }

    /**
     * {@return a status}
     *
     * @param reason what has happened, in words that an operator understands. It is logged, and
     *     clients of the server may see it: so it has no secrets, and no addresses either. Control
     *     characters become spaces, and only the first {@value #MAX_REASON_LENGTH} characters are
     *     kept
     */
    public static BrokerStatus of(BrokerState state, String reason) {
        var words = new StringBuilder(reason.strip());
        words.setLength(Math.min(words.length(), MAX_REASON_LENGTH));
        for (int i = 0; i < words.length(); i++) {
            if (Character.isISOControl(words.charAt(i))) {
                words.setCharAt(i, ' ');
            }
        }
        return new BrokerStatus(state, words.toString());
    }

    /** {@return the state} */
    public BrokerState state() {
        return state;
    }

    /** {@return the reason, empty if there is nothing to say} */
    public String reason() {
        return reason;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BrokerStatus that
                && state == that.state
                && reason.equals(that.reason);
    }

    @Override
    public int hashCode() {
        return Objects.hash(state, reason);
    }

    @Override
    public String toString() {
        return reason.isEmpty() ? state.toString() : state + ": " + reason;
    }
}
