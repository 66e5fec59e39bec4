package dev.longwave.server.auth;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client as the rules of the configuration see it.
 *
 * @param kind how it has signed in
 * @param subject who it is; null if it does not say
 * @param roles what else it is, in the words of its credential
 */
record Grantee(Kind kind, @Nullable String subject, Set<String> roles) {

    /** A client that has not signed in, or to which only the rules for everyone apply. */
    static final Grantee ANONYMOUS = new Grantee(Kind.ANONYMOUS, null, Set.of());

    /** A client to which no rule applies. */
    static final Grantee NOBODY = new Grantee(Kind.NOBODY, null, Set.of());

    /** How a client has signed in. */
    enum Kind {
        NOBODY,
        ANONYMOUS,
        AUTHENTICATED,
        CERTIFICATE
    }

    Grantee {
        roles = Set.copyOf(roles);
    }

    /** {@return a client that has signed in with a token or a session} */
    static Grantee authenticated(@Nullable String subject, Set<String> roles) {
        return new Grantee(Kind.AUTHENTICATED, subject, roles);
    }

    /** {@return a client that has signed in with a certificate} */
    static Grantee certificate(String subject) {
        return new Grantee(Kind.CERTIFICATE, subject, Set.of());
    }
}
