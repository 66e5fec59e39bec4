package dev.longwave.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** Signs tokens with one key. Safe for many threads. */
public final class TokenIssuer {

    private final VerificationKey key;
    private final String algorithm;

    /**
     * @throws KeyException if none of the keys can sign
     */
    public TokenIssuer(KeySet keys) throws KeyException {
        this.key =
                keys.signing()
                        .orElseThrow(() ->
                                new KeyException(
                                        "the key can only verify tokens: to sign, give the file"
                                                + " that longwave keygen has made, not its .pub"));
        this.algorithm = algorithm(key);
    }

    private static String algorithm(VerificationKey key) {
        for (String preferred : new String[] {"HS256", "RS256", "EdDSA"}) {
            if (key.algorithms().contains(preferred)) {
                return preferred;
            }
        }
        return key.algorithms().iterator().next();
    }

    /** {@return a token with these claims} */
    public String sign(Map<String, ?> claims) {
        var header = new LinkedHashMap<String, Object>();
        header.put("alg", algorithm);
        header.put("typ", "JWT");
        if (key.jwk().getKeyID() != null) {
            header.put("kid", key.jwk().getKeyID());
        }
        String signed = text(StrictJson.bytes(header)) + '.' + text(StrictJson.bytes(claims));
        return signed + '.' + signature(signed.getBytes(StandardCharsets.US_ASCII));
    }

    private String signature(byte[] signed) {
        try {
            if (key.jwk() instanceof OctetKeyPair pair) {
                return text(Ed25519.sign(pair, signed));
            }
            return signer().sign(new JWSHeader(JWSAlgorithm.parse(algorithm)), signed).toString();
        } catch (JOSEException | GeneralSecurityException e) {
            throw new IllegalStateException("a key that cannot sign", e);
        }
    }

    private JWSSigner signer() throws JOSEException {
        return switch (key.jwk()) {
            case OctetSequenceKey secret -> new MACSigner(secret);
            case RSAKey rsa -> new RSASSASigner(rsa);
            case ECKey ec -> new ECDSASigner(ec);
            default -> throw new IllegalStateException("a key of another kind");
        };
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
