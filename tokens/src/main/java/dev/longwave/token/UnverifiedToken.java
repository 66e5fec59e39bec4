package dev.longwave.token;

import dev.longwave.token.TokenRefusedException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A token in its parts. Anyone can have written it: use it to select the issuer whose keys must
 * verify it, or to show it. Immutable.
 */
public final class UnverifiedToken {

    private static final int SIGNED_PARTS = 3;
    private static final int ENCRYPTED_PARTS = 5;

    private final String signed;
    private final Map<String, @Nullable Object> header;
    private final Map<String, @Nullable Object> claims;
    private final byte[] signature;

    private UnverifiedToken(
            String signed,
            Map<String, @Nullable Object> header,
            Map<String, @Nullable Object> claims,
            byte[] signature) {
        this.signed = signed;
        this.header = header;
        this.claims = claims;
        this.signature = signature;
    }

    /**
     * {@return the token of this text, a JWS in compact serialization: RFC 7515, section 7.1}
     *
     * @throws TokenRefusedException if it has another form, or is too long
     */
    public static UnverifiedToken parse(String compact) throws TokenRefusedException {
        if (compact.length() > TokenVerifier.MAX_LENGTH) {
            throw new TokenRefusedException(
                    Reason.TOO_LONG,
                    "the token is too long: length=%d max=%d"
                            .formatted(compact.length(), TokenVerifier.MAX_LENGTH));
        }
        String[] parts = compact.split("\\.", -1);
        if (parts.length == ENCRYPTED_PARTS) {
            throw new TokenRefusedException(
                    Reason.ENCRYPTED, "the token is encrypted, and must only be signed");
        }
        if (parts.length != SIGNED_PARTS) {
            throw malformed(
                    "the token is not a JWT: it has %d parts separated by dots instead of %d"
                            .formatted(parts.length, SIGNED_PARTS));
        }
        return new UnverifiedToken(
                parts[0] + '.' + parts[1],
                object("header", parts[0]),
                object("claims", parts[1]),
                decoded("signature", parts[2]));
    }

    private static Map<String, @Nullable Object> object(String name, String part)
            throws TokenRefusedException {
        try {
            return Json.object(decoded(name, part));
        } catch (Json.Fault e) {
            throw new TokenRefusedException(
                    e.isDuplicateName() ? Reason.DUPLICATE_NAME : Reason.MALFORMED,
                    "the token's %s cannot be read: %s".formatted(name, e.getMessage()));
        }
    }

    private static byte[] decoded(String name, String part) throws TokenRefusedException {
        return Base64Url.decode(part)
                .orElseThrow(() ->
                        malformed(
                                "the token's %s is not base64url without padding".formatted(name)));
    }

    private static TokenRefusedException malformed(String message) {
        return new TokenRefusedException(Reason.MALFORMED, message);
    }

    /** {@return its header; unmodifiable} */
    public Map<String, @Nullable Object> header() {
        return header;
    }

    /** {@return its claims; unmodifiable} */
    public Map<String, @Nullable Object> claims() {
        return claims;
    }

    /** {@return the issuer that it names} */
    public Optional<String> issuer() {
        return Optional.ofNullable(claims.get("iss"))
                .filter(String.class::isInstance)
                .map(String.class::cast);
    }

    /**
     * {@return the text of a header member, if there is one}
     *
     * @throws TokenRefusedException if it is not text
     */
    Optional<String> header(String name) throws TokenRefusedException {
        if (!header.containsKey(name)) {
            return Optional.empty();
        }
        if (header.get(name) instanceof String text) {
            return Optional.of(text);
        }
        throw malformed("the token's \"%s\" header must be a string".formatted(name));
    }

    /** Whether {@code key} has signed it with {@code algorithm}. */
    boolean isSignedBy(Key key, Algorithm algorithm) {
        return key.verifies(algorithm, signed.getBytes(StandardCharsets.US_ASCII), signature);
    }
}
