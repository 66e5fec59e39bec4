package dev.longwave.broker;

/** How a broker is doing. Later versions may add constants. */
public enum BrokerState {
    /** All is well. */
    CONNECTED,
    /** Connected again, and filling what was missed meanwhile. */
    RESYNCING,
    /**
     * Connected, but something needs an operator: the servers refuse to store messages, say, or may
     * lose them. Live events are delivered.
     */
    DEGRADED,
    /** The servers cannot be reached; publishing fails, and live events are delayed. */
    DISCONNECTED,
    /** It will not recover by itself: an operator must act. */
    FAILED
}
