package dev.longwave.broker.nats;

/** What happens to a connection. Called by a thread of the client library; must not block. */
interface ConnectionEvents {

    /** The connection is lost. The library tries to restore it. */
    void disconnected();

    /** The connection is restored, with all subscriptions. */
    void reconnected();

    /** Messages arrived faster than they were handled, and some were dropped. */
    void messagesDropped();

    /** The connection is lost for good, because the servers refuse the login. */
    void loginRefused();
}
