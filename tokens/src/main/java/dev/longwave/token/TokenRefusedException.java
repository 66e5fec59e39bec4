package dev.longwave.token;

import java.util.Locale;

/** A token that is not accepted. The message says why; it shows nothing of the token. */
public final class TokenRefusedException extends Exception {

    private static final long serialVersionUID = 1;

    /** Why; in the order in which a token is checked. */
    public enum Reason {
        /** It is longer than any token should be. */
        TOO_LONG,
        /** It is not a signed token, or has claims of the wrong types. */
        MALFORMED,
        /** Its header says that something must be understood which is not. */
        CRITICAL_HEADER,
        /** It is signed by none of the keys, as far as its key ID and algorithm tell. */
        UNKNOWN_KEY,
        /** No key may be used with its algorithm. */
        ALGORITHM,
        /** Its signature is wrong. */
        SIGNATURE,
        /** It is for something else. */
        TYPE,
        /** Another issuer made it. */
        ISSUER,
        /** It is for others. */
        AUDIENCE,
        /** It does not say when it expires. */
        EXPIRY_MISSING,
        /** It does not hold yet. */
        NOT_YET_VALID,
        /** It has expired. */
        EXPIRED;

        /** {@return the word for it in answers and metrics} */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final Reason reason;

    TokenRefusedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** {@return why} */
    public Reason reason() {
        return reason;
    }
}
