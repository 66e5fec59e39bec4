package dev.longwave.token;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the keys of a PEM file: RFC 7468. */
final class Pem {

    static final String BEGIN = "-----BEGIN ";

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
    private static final List<String> KINDS = List.of("RSA", "EC", Ed25519.NAME);

    private Pem() {}

    /** A way to read one kind of key. */
    @FunctionalInterface
    private interface Reading<K> {
        K read(KeyFactory factory, KeySpec spec) throws InvalidKeySpecException;
    }

    /**
     * {@return the keys, without IDs; of a pair with both halves there is one}
     *
     * @throws KeyException if one of the blocks cannot be used, or there are two certificates
     */
    static List<Key> keys(String text) {
        List<Key> keys = new ArrayList<>();
        int certificates = 0;
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            String label = block.group(1);
            if (label.equals("EC PARAMETERS")) {
                continue; // openssl puts them in front of a key that contains them, too
            }
            if (label.equals("CERTIFICATE") && ++certificates > 1) {
                throw new KeyException(
                        "it has several certificates: keep only that of the token's issuer, which"
                                + " is usually the first");
            }
            add(keys, key(label, block.group(2)));
        }
        return keys;
    }

    private static void add(List<Key> keys, Key key) {
        List<Key> same = keys.stream().filter(key::isSameAs).toList();
        if (same.isEmpty()) {
            keys.add(key);
        } else if (key.canSign()) {
            keys.removeAll(same);
            keys.add(key);
        }
    }

    private static Key key(String label, String body) {
        try {
            byte[] der = Base64.getMimeDecoder().decode(body);
            return switch (label) {
                case "PUBLIC KEY" ->
                        Key.of(
                                JdkKeys.jwk(
                                        first(
                                                KeyFactory::generatePublic,
                                                new X509EncodedKeySpec(der)),
                                        null));
                case "PRIVATE KEY" -> {
                    PrivateKey half =
                            first(KeyFactory::generatePrivate, new PKCS8EncodedKeySpec(der));
                    yield Key.of(JdkKeys.jwk(JdkKeys.publicHalf(half), half));
                }
                case "CERTIFICATE" -> {
                    PublicKey half =
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(new ByteArrayInputStream(der))
                                    .getPublicKey();
                    yield Key.of(JdkKeys.jwk(half, null));
                }
                case "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY" ->
                        throw new KeyException(
                                ("it is \"%s\", and must be \"PRIVATE KEY\": convert it with"
                                     + " openssl pkcs8 -topk8 -nocrypt -in FILE -out NEW")
                                        .formatted(label));
                default ->
                        throw new KeyException(
                                "it is \"%s\", and must be \"PUBLIC KEY\", \"PRIVATE KEY\" or \"CERTIFICATE\""
                                        .formatted(label));
            };
        } catch (GeneralSecurityException | IllegalArgumentException _) {
            throw new KeyException("its %s cannot be decoded".formatted(label));
        }
    }

    /** The encodings say which kind it is; each factory accepts its own. */
    private static <K> K first(Reading<K> reading, KeySpec spec) throws GeneralSecurityException {
        for (String kind : KINDS) {
            try {
                return reading.read(KeyFactory.getInstance(kind), spec);
            } catch (InvalidKeySpecException _) {
                // another kind
            }
        }
        throw JdkKeys.unsupported();
    }
}
