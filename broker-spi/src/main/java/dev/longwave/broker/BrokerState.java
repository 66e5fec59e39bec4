package dev.longwave.broker;

/** How a broker is doing. */
public enum BrokerState {
    /** All is well. */
    CONNECTED,
    /** Connected again, and filling what was missed meanwhile. */
    RESYNCING,
    /** The servers cannot be reached; publishing fails, and live events wait. */
    DISCONNECTED,
    /** Someone must act: it will not come back by itself. */
    FAILED
}
