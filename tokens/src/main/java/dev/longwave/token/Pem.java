package dev.longwave.token;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Public keys and certificates as text: RFC 7468. */
final class Pem {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    private Pem() {}

    static List<JWK> keys(String text) throws KeyException {
        var keys = new ArrayList<JWK>();
        Matcher blocks = BLOCK.matcher(text);
        while (blocks.find()) {
            keys.add(key(blocks.group(1), blocks.group(2)));
        }
        return keys;
    }

    private static JWK key(String label, String base64) throws KeyException {
        try {
            byte[] der = Base64.getMimeDecoder().decode(base64);
            return switch (label) {
                case "PUBLIC KEY" -> jwk(publicKey(der));
                case "CERTIFICATE" ->
                        jwk(
                                CertificateFactory.getInstance("X.509")
                                        .generateCertificate(new ByteArrayInputStream(der))
                                        .getPublicKey());
                default ->
                        throw new KeyException(
                                "PEM of this kind is not supported: expected PUBLIC KEY or"
                                        + " CERTIFICATE; openssl pkey -pubout makes one kind="
                                        + label);
            };
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new KeyException("the PEM block is damaged kind=" + label);
        }
    }

    private static PublicKey publicKey(byte[] der) throws GeneralSecurityException {
        var spec = new X509EncodedKeySpec(der);
        for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePublic(spec);
            } catch (GeneralSecurityException _) {
                // One of the others.
            }
        }
        throw new GeneralSecurityException("no key of a known kind");
    }

    private static JWK jwk(PublicKey key) throws KeyException {
        return switch (key) {
            case RSAPublicKey rsa -> new RSAKey.Builder(rsa).build();
            case ECPublicKey ec -> new ECKey.Builder(curve(ec), ec).build();
            case EdECPublicKey ed -> {
                byte[] der = ed.getEncoded(); // ends with the raw key: RFC 8410, section 4
                byte[] raw = Arrays.copyOfRange(der, der.length - Ed25519.KEY_BYTES, der.length);
                yield new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(raw)).build();
            }
            default -> throw new KeyException("the key is of a kind that cannot verify tokens");
        };
    }

    private static Curve curve(ECPublicKey key) throws KeyException {
        Curve curve = Curve.forECParameterSpec(key.getParams());
        if (curve == null) {
            throw new KeyException("the key's curve is not supported");
        }
        return curve;
    }
}
