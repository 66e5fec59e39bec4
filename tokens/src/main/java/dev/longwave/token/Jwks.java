package dev.longwave.token;

import com.nimbusds.jose.jwk.JWK;
import java.text.ParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads JSON Web Keys: RFC 7517. */
final class Jwks {
    /*
     * Nimbus sees only the members that make the key, and the same text that was checked: its own parser would accept
     * names that occur twice, and skip what is not base64url. Certificates in a JWK play no part.
     */
    private static final int MAX_KEYS = 100;
    private static final Set<String> NUMBERS =
            Set.of("k", "n", "e", "d", "p", "q", "dp", "dq", "qi", "x", "y");
    private static final Set<String> NAMES = Set.of("kty", "kid", "alg", "crv");

    private Jwks() {}

    /**
     * {@return the members of each key in a JWK set, or of a single JWK}
     *
     * @throws KeyException if it is neither, or has too many keys
     */
    static List<Map<String, @Nullable Object>> setOrKey(String json) {
        Map<String, @Nullable Object> object = object(json);
        return object.containsKey("keys") ? keys(object) : List.of(object);
    }

    /**
     * {@return the members of each key in a JWK set}
     *
     * @throws KeyException if it is none, or has too many keys
     */
    static List<Map<String, @Nullable Object>> set(String json) {
        return keys(object(json));
    }

    private static Map<String, @Nullable Object> object(String json) {
        try {
            return Json.object(json);
        } catch (Json.Fault e) {
            throw new KeyException("it is no JWK or JWK set: " + e.getMessage(), e);
        }
    }

    private static List<Map<String, @Nullable Object>> keys(Map<String, @Nullable Object> object) {
        if (!(object.get("keys") instanceof List<?> keys)) {
            throw new KeyException("it is no JWK set: \"keys\" must be an array of JWKs");
        }
        if (keys.size() > MAX_KEYS) {
            throw new KeyException(
                    "it has too many keys: keys=%d max=%d".formatted(keys.size(), MAX_KEYS));
        }
        return keys.stream().map(Jwks::members).toList();
    }

    @SuppressWarnings("unchecked") // objects have strings as names
    private static Map<String, @Nullable Object> members(@Nullable Object key) {
        if (key instanceof Map<?, ?> members) {
            return (Map<String, @Nullable Object>) members;
        }
        throw new KeyException("it is no JWK set: \"keys\" must be an array of JWKs");
    }

    /** Whether a key is not set apart for something else, such as encryption. */
    static boolean isForSignatures(Map<String, @Nullable Object> jwk) {
        boolean use = !jwk.containsKey("use") || "sig".equals(jwk.get("use"));
        return use
                && (!jwk.containsKey("key_ops")
                        || (jwk.get("key_ops") instanceof List<?> operations
                                && (operations.contains("verify") || operations.contains("sign"))));
    }

    /**
     * {@return the key}
     *
     * @throws KeyException if it cannot be used; the message names it
     */
    static Key key(Map<String, @Nullable Object> jwk) {
        Map<String, Object> members = new LinkedHashMap<>();
        jwk.forEach((name, value) -> {
            if (NAMES.contains(name) || NUMBERS.contains(name)) {
                members.put(name, checked(name, value));
            }
        });
        try {
            return Key.of(JWK.parse(members));
        } catch (KeyException e) {
            throw new KeyException(name(members) + ": " + e.getMessage(), e);
        } catch (ParseException | IllegalArgumentException | IllegalStateException _) {
            throw new KeyException(
                    (name(members)
                            + ": it is not a JWK of a supported kind: use oct, RSA, EC with P-256,"
                            + " P-384 or P-521, or OKP with Ed25519"));
        }
    }

    private static String name(Map<String, Object> jwk) {
        return jwk.containsKey("kid") ? "key " + jwk.get("kid") : "a key without an ID";
    }

    private static String checked(String name, @Nullable Object value) {
        boolean number = NUMBERS.contains(name);
        if (value instanceof String text
                && (number ? Base64Url.decode(text).isPresent() : Claims.isName(text))) {
            return text;
        }
        throw new KeyException(
                "the member \"%s\" of a JWK must be %s"
                        .formatted(
                                name,
                                number
                                        ? "base64url, without padding"
                                        : "a string of 1 to 255 characters"));
    }
}
