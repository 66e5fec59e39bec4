package dev.longwave.token;

/**
 * A token cannot be trusted. The message says why, in words for people, and contains nothing of the
 * token.
 */
public final class TokenRefusedException extends Exception {

    private static final long serialVersionUID = 1;

    /** Why a token is refused. */
    public enum Reason {
        /** It is longer than {@link TokenVerifier#MAX_LENGTH}. */
        TOO_LONG,
        /** It is not a signed token, or a header or claim has the wrong form. */
        MALFORMED,
        /** It is an encrypted token, which is not supported. */
        ENCRYPTED,
        /** A name occurs twice in an object of its header or claims. */
        DUPLICATE_NAME,
        /** It has a {@code crit} header: it must not be used by those who do not understand it. */
        CRITICAL_HEADER,
        /** Its algorithm is not supported, not allowed, or not one of its key. */
        ALGORITHM,
        /** No key has its {@code kid}; or it has none, and too many keys fit. */
        UNKNOWN_KEY,
        /** The signature is not that of the key. */
        SIGNATURE,
        /** Its {@code typ} header is not one of those accepted. */
        TYPE,
        /** It has no {@code exp} claim. */
        EXPIRY_MISSING,
        /** It has expired. */
        EXPIRED,
        /** It is not valid yet. */
        NOT_YET_VALID,
        /** It is from another issuer, or does not name one. */
        ISSUER,
        /** It is for others, or does not say for whom. */
        AUDIENCE
    }

    private final Reason reason;

    TokenRefusedException(Reason reason, String message) {
        super(message, null, false, false); // no stack: clients cause these, and may cause many
        this.reason = reason;
    }

    /** {@return the kind of fault} */
    public Reason reason() {
        return reason;
    }
}
