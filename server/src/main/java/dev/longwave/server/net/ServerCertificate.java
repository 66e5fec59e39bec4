package dev.longwave.server.net;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** A certificate with its chain and its private key. Immutable. */
final class ServerCertificate {

    private static final System.Logger LOGGER = System.getLogger(ServerCertificate.class.getName());
    private static final int DNS_NAME = 2; // RFC 5280, section 4.2.1.6
    private static final byte[] SIGNED = {1, 2, 3};

    private final List<X509Certificate> chain;
    private final PrivateKey key;
    private final Set<String> names;

    /**
     * Checks and keeps them.
     *
     * @param chain the certificate, then those that certify it
     * @param where what to call it in messages: the files that it is from
     * @throws IllegalArgumentException if the key is not that of the certificate
     */
    ServerCertificate(List<X509Certificate> chain, PrivateKey key, String where) {
        this.chain = List.copyOf(chain);
        this.key = key;
        if (!isPair(certificate().getPublicKey(), key)) {
            throw new IllegalArgumentException(
                    "the private key is not that of the certificate: set the certificate and the"
                            + " key to files that belong together "
                            + where);
        }
        this.names = names(certificate());
        warnIfNotValid(where);
    }

    private static boolean isPair(PublicKey publicKey, PrivateKey privateKey) {
        String algorithm =
                switch (publicKey.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> publicKey.getAlgorithm(); // EdDSA
                };
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(privateKey);
            signature.update(SIGNED);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(SIGNED);
            return signature.verify(signed);
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    private static Set<String> names(X509Certificate certificate) {
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            return all == null
                    ? Set.of()
                    : all.stream()
                            .filter(name -> Objects.equals(name.getFirst(), DNS_NAME))
                            .map(name -> name.getLast().toString().toLowerCase(Locale.ROOT))
                            .collect(Collectors.toUnmodifiableSet());
        } catch (CertificateParsingException _) {
            return Set.of();
        }
    }

    private void warnIfNotValid(String where) {
        Instant now = Instant.now();
        Instant from = certificate().getNotBefore().toInstant();
        Instant until = certificate().getNotAfter().toInstant();
        if (now.isBefore(from) || now.isAfter(until)) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "clients will refuse the certificate, which is not valid at this time: renew"
                            + " it from={0} until={1} {2}",
                    from,
                    until,
                    where);
        }
    }

    X509Certificate certificate() {
        return chain.getFirst();
    }

    X509Certificate[] chain() {
        return chain.toArray(X509Certificate[]::new);
    }

    PrivateKey key() {
        return key;
    }

    /** Whether its key is of {@code type}, in the words of {@code X509KeyManager}. */
    boolean isOf(String type) {
        return certificate().getPublicKey().getAlgorithm().equals(type);
    }

    /** Whether it is for {@code host}: RFC 9525, section 6.3. */
    boolean isFor(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        int dot = name.indexOf('.');
        return names.contains(name) || (dot > 0 && names.contains('*' + name.substring(dot)));
    }
}
