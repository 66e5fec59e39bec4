package dev.longwave.server.net;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads files in PEM: RFC 7468. */
final class PemFile {

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END ");

    private PemFile() {}

    /**
     * The certificates in {@code file}, in their order.
     *
     * @throws IllegalArgumentException if there are none
     */
    static List<X509Certificate> certificates(Path file) {
        List<X509Certificate> certificates;
        try {
            certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(
                                    new ByteArrayInputStream(CertificateSource.read(file)))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
        } catch (CertificateException e) {
            throw new IllegalArgumentException(
                    "the file has no valid certificates in PEM file=" + file, e);
        }
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("the file has no certificate in PEM file=" + file);
        }
        return certificates;
    }

    /**
     * The private key in {@code file}.
     *
     * @param algorithm that of its certificate
     * @throws IllegalArgumentException if there is none of that algorithm in PKCS #8
     */
    static PrivateKey privateKey(Path file, String algorithm) {
        String text = new String(CertificateSource.read(file), StandardCharsets.ISO_8859_1);
        Matcher key = KEY.matcher(text);
        if (!key.find()) {
            throw new IllegalArgumentException("the file has no private key in PEM file=" + file);
        }
        if (!key.group(1).isEmpty()) {
            throw new IllegalArgumentException(
                    "the private key is encrypted, or in another format than PKCS #8: convert it"
                            + " with openssl pkcs8 -topk8 -nodes -in %s -out NEW-FILE"
                                    .formatted(file));
        }
        try {
            return KeyFactory.getInstance(algorithm)
                    .generatePrivate(
                            new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(key.group(2))));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the private key is damaged, or not that of the certificate, whose algorithm is"
                            + " %s file=%s".formatted(algorithm, file),
                    e);
        }
    }
}
