package dev.longwave.token;

import com.nimbusds.jose.JOSEException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes tokens from any text, as an attacker can. */
final class Forge {

    private Forge() {}

    /** A token of these parts, which only need to be text. */
    static String token(String header, String claims, String signature) {
        return part(header) + '.' + part(claims) + '.' + signature;
    }

    /** A token that the first key of {@code keys} has signed, whatever its header says. */
    static String signed(KeySet keys, String header, String claims) {
        String input = part(header) + '.' + part(claims);
        try {
            byte[] signature = keys.signing().orElseThrow().sign(bytes(input));
            return input + '.' + Base64Url.encode(signature);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    /** A token with the HMAC of {@code secret}, which may be any bytes. */
    static String hmac(byte[] secret, String header, String claims) {
        String input = part(header) + '.' + part(claims);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return input + '.' + Base64Url.encode(mac.doFinal(bytes(input)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static KeySet keys(NewKey key) {
        return KeySet.secret(key.jwk());
    }

    static KeySet publicKeys(NewKey... keys) {
        var jwks = new StringBuilder("{\"keys\":[");
        for (NewKey key : keys) {
            jwks.append(jwks.length() > 9 ? "," : "").append(key.publicJwk().orElseThrow());
        }
        return KeySet.parsePublic(jwks.append("]}").toString());
    }

    private static String part(String text) {
        return Base64Url.encode(bytes(text));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
