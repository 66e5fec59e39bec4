package dev.longwave.broker.nats;

/** What happens to a connection. Called by a thread of the client library; must not block. */
interface ConnectionEvents {

    /** The reason for the state after {@link #disconnected()}. */
    String DISCONNECTED = "the connection to the NATS servers is lost";

    /** The reason for the state after {@link #loginRefused()}. */
    String LOGIN_REFUSED = "the NATS servers refuse the login";

    /** The connection is lost. The library tries to restore it. */
    void disconnected();

    /** The connection is restored, with all subscriptions. */
    void reconnected();

    /** Messages arrived faster than they were handled, and some were dropped. */
    void messagesDropped();

    /** The servers report something beside all answers, such as a violation of permissions. */
    void errorReported(String error);

    /** The connection is lost for good, because the servers refuse the login. */
    void loginRefused();
}
