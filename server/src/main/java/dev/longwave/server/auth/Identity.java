package dev.longwave.server.auth;

import dev.longwave.server.auth.Permissions.Action;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.session.Credential;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A client as its credential shows it, and what it may do. Safe for many threads. */
public final class Identity {

    /** Of clients without a credential. */
    private static final Validity ALWAYS =
            new Validity() {
                @Override
                public void check(Credential credential) {}

                @Override
                public void refused(
                        Credential credential, Collection<String> topics, Problem why) {}
            };

    /** A client of a server that is open to everyone. */
    static final Identity ANYONE =
            new Identity(
                    Credential.NONE,
                    Rights.of(Permissions.ALL),
                    ALWAYS,
                    false,
                    Optional.empty(),
                    Profile.SERVER,
                    null);

    /** Says whether a credential still holds, after it was accepted. */
    interface Validity {

        /**
         * Checks it.
         *
         * @throws dev.longwave.server.http.ProblemException if it has expired or was revoked since
         */
        void check(Credential credential);

        /** Is told that the client was not allowed to read {@code topics}. */
        void refused(Credential credential, Collection<String> topics, Problem why);
    }

    private static final System.Logger LOGGER = System.getLogger(Identity.class.getName());
    private static final int SERVER_FAULT = 500;

    private final Credential credential;
    private final Rights rights;
    private final Validity validity;
    private final boolean authenticated;
    private final Optional<String> proof;
    private final Profile profile;
    private final @Nullable Quota quota;

    /** What a client may still do. */
    record Quota(Quotas quotas, String client, InetAddress network) {}

    private Identity(
            Credential credential,
            Rights rights,
            Validity validity,
            boolean authenticated,
            Optional<String> proof,
            Profile profile,
            @Nullable Quota quota) {
        this.credential = credential;
        this.rights = rights;
        this.validity = validity;
        this.authenticated = authenticated;
        this.proof = proof;
        this.profile = profile;
        this.quota = quota;
    }

    /**
     * {@return this client, with what it does counted in {@code quotas}, by its subject or network}
     */
    Identity counted(Quotas quotas, InetAddress network) {
        String client =
                credential.subject() == null
                        ? network.getHostAddress()
                        : "subject:" + credential.subject();
        return new Identity(
                credential,
                rights,
                validity,
                authenticated,
                proof,
                profile,
                new Quota(quotas, client, network));
    }

    /** {@return this client, counted as one in the network of {@code opener}} */
    Identity countedAs(Identity opener) {
        Quota known = opener.quota;
        return known == null ? this : counted(known.quotas(), known.network());
    }

    /**
     * Counts an event that the client is about to publish.
     *
     * @param bytes how long its data is
     * @throws dev.longwave.server.http.ProblemException if it publishes too much
     */
    public void countPublish(int bytes) {
        if (quota != null) {
            quota.quotas().publish(quota.client(), bytes);
        }
    }

    /**
     * Counts a stream that the client is about to open.
     *
     * @return what to run when the stream is closed
     * @throws dev.longwave.server.http.ProblemException if it has too many
     */
    public Runnable countStream() {
        Quota counted = quota;
        if (counted == null) {
            return () -> {};
        }
        return counted.quotas().openStream(counted.client());
    }

    /** Counts a ticket that the client is about to get. */
    void countTicket() {
        if (quota != null) {
            quota.quotas().ticket(quota.client());
        }
    }

    /** {@return an identity with a credential of its own} */
    static Identity of(Credential credential, Rights rights, Validity validity) {
        return of(credential, rights, validity, Profile.NONE);
    }

    /** {@return one whose token says more of it} */
    static Identity of(Credential credential, Rights rights, Validity validity, Profile profile) {
        return new Identity(credential, rights, validity, true, Optional.empty(), profile, null);
    }

    /** {@return a client with a ticket} */
    static Identity withTicket(
            Credential credential, Rights rights, Validity validity, String proof) {
        return new Identity(
                credential, rights, validity, true, Optional.of(proof), Profile.NONE, null);
    }

    /** {@return a client without a credential} */
    static Identity anonymous(Rights rights) {
        return new Identity(
                Credential.NONE, rights, ALWAYS, false, Optional.empty(), Profile.NONE, null);
    }

    /** {@return whether it has a credential} */
    public boolean isAuthenticated() {
        return authenticated;
    }

    /**
     * {@return the topics that its connections are subscribed to without asking, where the protocol
     * has that} They are not checked.
     */
    public List<String> channels() {
        return profile.channels();
    }

    /**
     * {@return what its token says of it, for others to see: a JSON text; null for nothing} It is
     * not checked.
     */
    public @Nullable String info() {
        return profile.info();
    }

    Rights rights() {
        return rights;
    }

    /**
     * {@return the proof that lets the client use its ticket again; every event ID of the stream
     * ends with it}
     */
    public Optional<String> proof() {
        return proof;
    }

    /** {@return who the client is; null if it has not signed in, or its credential does not say} */
    public @Nullable String subject() {
        return credential.subject();
    }

    /** {@return the credential, whose end is also the end of its streams} */
    public Credential credential() {
        return credential;
    }

    /**
     * {@return whether the client may still read all of {@code topics}} If nobody can say so at the
     * moment, it may. If the check fails in any other way, it may not, and no exception is thrown:
     * the streams of others are checked after this one.
     */
    public boolean holds(Collection<String> topics) {
        try {
            checkRead(topics);
            return true;
        } catch (ProblemException e) {
            return e.problem().status() >= SERVER_FAULT && !isOfKeys(e.problem());
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "a client's rights cannot be checked", e);
            return false;
        }
    }

    /**
     * Keys that were never reached did not vouch for this client, which was accepted. A key in a
     * file did, and it is gone.
     */
    private static boolean isOfKeys(Problem problem) {
        return Refusals.keysUnavailable().rule().equals(problem.rule());
    }

    /**
     * Checks that the client may read all of {@code topics}.
     *
     * @param topics topics, and patterns, which are only allowed as a whole
     * @throws dev.longwave.server.http.ProblemException if it may not read one of them, or may do
     *     nothing any more
     */
    public void checkSubscribe(Collection<String> topics) {
        try {
            checkRead(topics);
        } catch (ProblemException e) {
            validity.refused(credential, topics, e.problem());
            throw e;
        }
    }

    private void checkRead(Collection<String> topics) {
        validity.check(credential);
        topics.forEach(topic -> check(Action.SUBSCRIBE, topic));
    }

    /**
     * Checks that the client may publish to {@code topic}.
     *
     * @throws dev.longwave.server.http.ProblemException if not, or if it may do nothing any more
     */
    public void checkPublish(String topic) {
        validity.check(credential);
        check(Action.PUBLISH, topic);
    }

    /**
     * Checks that the client may erase {@code topic}: that it may publish there, with an API key.
     *
     * @throws dev.longwave.server.http.ProblemException if not, or if it may do nothing any more
     */
    public void checkDelete(String topic) {
        checkPublish(topic);
        if (!profile.server()) {
            throw Refusals.forbidden("delete without an API key the events of", topic).exception();
        }
    }

    /**
     * Checks that the client may see who is in {@code topic}.
     *
     * @throws dev.longwave.server.http.ProblemException if not, or if it may do nothing any more
     */
    public void checkPresence(String topic) {
        validity.check(credential);
        check(Action.PRESENCE, topic);
    }

    private void check(Action action, String topic) {
        if (!rights.permissions().allow(action, topic)) {
            String words =
                    switch (action) {
                        case SUBSCRIBE -> "subscribe to";
                        case PUBLISH -> "publish to";
                        case PRESENCE -> "see who is in";
                    };
            Problem problem =
                    authenticated
                            ? Refusals.forbidden(words, topic)
                            : Refusals.unauthenticated(words, topic);
            throw problem.exception();
        }
    }
}
