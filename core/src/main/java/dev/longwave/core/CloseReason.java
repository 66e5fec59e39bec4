package dev.longwave.core;

import java.util.Locale;

/** Why a stream ended. */
public enum CloseReason {
    /** The client closed it, or its connection broke. */
    CLIENT_LEFT,
    /** The client said that it leaves, and waits for an answer. */
    CLIENT_CLOSED,
    /** The client broke a rule of its protocol, and is told which. */
    CLIENT_FAULT,
    /** All its topics have ended, and the client was told. */
    ENDED,
    /** The client fell behind in a topic whose lag policy is to disconnect. */
    TOO_SLOW,
    /** The client took nothing for as long as the write deadline allows. */
    WRITE_DEADLINE,
    /** The broker could not be read. */
    BROKER_UNAVAILABLE,
    /** An error on this server that ended the stream. */
    FAILED,
    /** The server stops. */
    SHUTDOWN,
    /** An operator has moved the client away, to another node. */
    MOVED,
    /** The client's credential expired, or the stream was open for as long as streams may be. */
    EXPIRED,
    /** The client's credential was revoked, or an operator disconnected it. */
    REVOKED;

    /** {@return the word for it in logs and metrics} */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
