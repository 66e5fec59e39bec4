package dev.longwave.server.auth;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes tokens for tests with the JDK alone, so that they do not agree with our own code by
 * mistake.
 */
public final class SignedToken {

    /** A key for HS256, as {@code auth.jwt.secret} wants it. */
    public static final String SECRET = base64("0123456789abcdef0123456789abcdef");

    private final ObjectNode header = Json.object().put("alg", "HS256").put("typ", "JWT");
    private final ObjectNode claims = Json.object();
    private String secret = SECRET;

    private SignedToken() {}

    /** A token of {@code subject} that is good for an hour, and may do nothing by itself. */
    public static SignedToken of(String subject) {
        var token = new SignedToken();
        token.claims.put("sub", subject);
        return token.expires(Instant.now().plus(Duration.ofHours(1)));
    }

    public SignedToken expires(Instant when) {
        claims.put("exp", when.toEpochMilli() / 1000.0);
        return this;
    }

    public SignedToken issued(Instant when) {
        claims.put("iat", when.toEpochMilli() / 1000.0);
        return this;
    }

    public SignedToken subscribe(String... patterns) {
        return allow("subscribe", patterns);
    }

    public SignedToken publish(String... patterns) {
        return allow("publish", patterns);
    }

    private SignedToken allow(String action, String... patterns) {
        var list = claims.withObject("/longwave").putArray(action);
        for (String pattern : patterns) {
            list.add(pattern);
        }
        return this;
    }

    public SignedToken claim(String name, String value) {
        claims.put(name, value);
        return this;
    }

    public SignedToken header(String name, String value) {
        header.put(name, value);
        return this;
    }

    /** Signs with another key than the server's. */
    public SignedToken signedWith(String otherSecret) {
        secret = otherSecret;
        return this;
    }

    public String text() {
        String signed = base64(header.toString()) + '.' + base64(claims.toString());
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getUrlDecoder().decode(secret), "HmacSHA256"));
            byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + '.' + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The field that presents it. */
    public String bearer() {
        return "Bearer " + text();
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
