package dev.longwave.testing;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes tokens (JWT) with the JDK alone, independently of the code that verifies them. Not safe for
 * many threads.
 */
public final class SignedToken {

    /** A key for HS256, as {@code auth.jwt.secret} wants it. */
    public static final String SECRET = base64("0123456789abcdef0123456789abcdef");

    private final Map<String, String> header = new LinkedHashMap<>();
    private final Map<String, String> claims = new LinkedHashMap<>();
    private final Map<String, String> permissions = new LinkedHashMap<>();
    private String secret = SECRET;

    private SignedToken() {}

    /** {@return a token of {@code subject} that holds for an hour, and allows nothing by itself} */
    public static SignedToken of(String subject) {
        var token = new SignedToken();
        return token.header("alg", "HS256")
                .header("typ", "JWT")
                .claim("sub", subject)
                .expires(Instant.now().plus(Duration.ofHours(1)));
    }

    /** Sets {@code exp}. */
    public SignedToken expires(Instant when) {
        claims.put("exp", Double.toString(when.toEpochMilli() / 1000.0));
        return this;
    }

    /** Sets {@code iat}. */
    public SignedToken issued(Instant when) {
        claims.put("iat", Double.toString(when.toEpochMilli() / 1000.0));
        return this;
    }

    /** Allows to read topics. */
    public SignedToken subscribe(String... patterns) {
        return allow("subscribe", patterns);
    }

    /** Allows to publish to topics. */
    public SignedToken publish(String... patterns) {
        return allow("publish", patterns);
    }

    /** Allows to see who is in topics. */
    public SignedToken presence(String... patterns) {
        return allow("presence", patterns);
    }

    /** Says what others see of the client, as JSON. */
    public SignedToken info(String json) {
        permissions.put("info", json);
        claims.put("longwave", object(permissions));
        return this;
    }

    private SignedToken allow(String action, String... patterns) {
        permissions.put(action, list(patterns));
        claims.put("longwave", object(permissions));
        return this;
    }

    /**
     * Sets a claim.
     *
     * @param value text without quotes and backslashes
     */
    public SignedToken claim(String name, String value) {
        claims.put(name, quoted(value));
        return this;
    }

    /**
     * Sets a claim that is a list.
     *
     * @param values texts without quotes and backslashes
     */
    public SignedToken claims(String name, String... values) {
        claims.put(name, list(values));
        return this;
    }

    /**
     * Sets a member of the header.
     *
     * @param value text without quotes and backslashes
     */
    public SignedToken header(String name, String value) {
        header.put(name, quoted(value));
        return this;
    }

    /**
     * Signs with another key.
     *
     * @param otherSecret the key, as base64url
     */
    public SignedToken signedWith(String otherSecret) {
        secret = otherSecret;
        return this;
    }

    /** {@return the token} */
    public String text() {
        return sign(object(header), object(claims), Base64.getUrlDecoder().decode(secret));
    }

    /**
     * {@return a token of any content, signed with HMAC-SHA256 whatever its header says}
     *
     * @param header the header, as JSON
     * @param claims the claims, as JSON
     */
    public static String sign(String header, String claims, byte[] key) {
        String signed = base64(header) + '.' + base64(claims);
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + '.' + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC", e);
        }
    }

    /** {@return the value of {@code Authorization} that presents it} */
    public String bearer() {
        return "Bearer " + text();
    }

    private static String list(String... values) {
        return Arrays.stream(values)
                .map(SignedToken::quoted)
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String object(Map<String, String> members) {
        return members.entrySet().stream()
                .map(member -> quoted(member.getKey()) + ':' + member.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
