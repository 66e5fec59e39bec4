package dev.longwave.token;

import com.nimbusds.jose.JOSEException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Signs tokens. Immutable, and safe for many threads. */
public final class TokenIssuer {

    private final Key key;

    /**
     * Signs with the first key of {@code keys} that can sign, and the first of its algorithms.
     *
     * @throws KeyException if there is none: all keys are public
     */
    public TokenIssuer(KeySet keys) {
        this.key =
                keys.signing()
                        .orElseThrow(() ->
                                new KeyException(
                                        "a public key cannot sign: use the private key of its"
                                                + " pair"));
    }

    /**
     * {@return a token with these claims, in compact serialization}
     *
     * @param claims strings, numbers, booleans, nulls, lists, and maps with strings as keys. They
     *     must include {@code exp}
     * @throws IllegalArgumentException if {@link TokenVerifier} would refuse the token for its
     *     length, or for the form of a claim
     */
    public String issue(Map<String, ? extends @Nullable Object> claims) {
        var header = new LinkedHashMap<String, Object>();
        header.put("typ", "JWT");
        header.put("alg", key.algorithm().id());
        if (key.id() != null) {
            header.put("kid", key.id());
        }
        String signed = part(header) + '.' + part(claims);
        try {
            byte[] signature = key.sign(signed.getBytes(StandardCharsets.US_ASCII));
            String token = signed + '.' + Base64Url.encode(signature);
            check(token);
            return token;
        } catch (JOSEException e) {
            throw new IllegalStateException("the token cannot be signed " + key, e);
        }
    }

    private static String part(Map<String, ? extends @Nullable Object> object) {
        return Base64Url.encode(Json.text(object).getBytes(StandardCharsets.UTF_8));
    }

    private static void check(String token) {
        try {
            new Claims(UnverifiedToken.parse(token).claims()).check();
        } catch (TokenRefusedException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
