package dev.longwave.server.net;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Where a server's certificates and their private keys come from. */
public sealed interface CertificateSource {

    /**
     * A certificate in PEM, followed by those that certify it, and its private key in PKCS #8.
     *
     * @param certificate the file of the certificates
     * @param key the file of the key
     */
    record Pem(Path certificate, Path key) implements CertificateSource {

        @Override
        public List<Path> files() {
            return List.of(certificate, key);
        }

        @Override
        public List<ServerCertificate> load() {
            checkIsPrivate(key);
            List<X509Certificate> chain = PemFile.certificates(certificate);
            PrivateKey privateKey =
                    PemFile.privateKey(key, chain.getFirst().getPublicKey().getAlgorithm());
            return List.of(
                    new ServerCertificate(
                            chain,
                            privateKey,
                            "certificate=%s key=%s".formatted(certificate, key)));
        }
    }

    /**
     * A key store in PKCS #12: each of its keys with its certificates.
     *
     * @param keystore its file
     * @param passwordFile a file that contains its password in one line
     */
    record Pkcs12(Path keystore, Path passwordFile) implements CertificateSource {

        @Override
        public List<Path> files() {
            return List.of(keystore, passwordFile);
        }

        @Override
        public List<ServerCertificate> load() {
            checkIsPrivate(keystore);
            checkIsPrivate(passwordFile);
            char[] password =
                    new String(read(passwordFile), StandardCharsets.UTF_8).strip().toCharArray();
            try {
                KeyStore store = KeyStore.getInstance("PKCS12");
                store.load(new ByteArrayInputStream(read(keystore)), password);
                return entries(store, password);
            } catch (IOException | GeneralSecurityException e) {
                throw new IllegalArgumentException(
                        "the key store cannot be opened: it must be in PKCS #12, and its password"
                                + " in the password file keystore=%s password-file=%s"
                                        .formatted(keystore, passwordFile),
                        e);
            }
        }

        private List<ServerCertificate> entries(KeyStore store, char[] password)
                throws GeneralSecurityException {
            List<ServerCertificate> certificates = new ArrayList<>();
            for (String alias : Collections.list(store.aliases())) {
                Certificate[] chain = store.getCertificateChain(alias);
                if (chain != null && store.getKey(alias, password) instanceof PrivateKey key) {
                    certificates.add(
                            new ServerCertificate(
                                    Stream.of(chain).map(X509Certificate.class::cast).toList(),
                                    key,
                                    "keystore=%s alias=%s".formatted(keystore, alias)));
                }
            }
            if (certificates.isEmpty()) {
                throw new IllegalArgumentException(
                        "the key store has no private key keystore=" + keystore);
            }
            return certificates;
        }
    }

    /** A certificate for this machine's loopback names, made now, that no client trusts. */
    record SelfSigned() implements CertificateSource {

        @Override
        public List<Path> files() {
            return List.of();
        }

        @Override
        public List<ServerCertificate> load() {
            return List.of(
                    SelfSignedCertificate.of(
                            List.of("localhost"),
                            List.of(
                                    InetAddress.ofLiteral("127.0.0.1"),
                                    InetAddress.ofLiteral("::1"))));
        }
    }

    /** {@return the files that it reads} */
    List<Path> files();

    /**
     * Reads the certificates.
     *
     * @return one or more
     * @throws IllegalArgumentException saying what is wrong with which file
     */
    List<ServerCertificate> load();

    /** The content of {@code file}, which must not be empty. */
    static byte[] read(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            if (bytes.length == 0) {
                throw new IllegalArgumentException("the file is empty file=" + file);
            }
            return bytes;
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "the file cannot be read: set an existing file that the server's user may read"
                            + " file="
                            + file,
                    e);
        }
    }

    private static void checkIsPrivate(Path file) {
        Set<PosixFilePermission> permissions;
        try {
            permissions = Files.getPosixFilePermissions(file);
        } catch (IOException | UnsupportedOperationException _) {
            return; // reading it says what is wrong, and some systems have no such permissions
        }
        if (permissions.contains(PosixFilePermission.OTHERS_READ)) {
            throw new IllegalArgumentException(
                    "everyone on this machine can read the private key: chmod 600 " + file);
        }
    }
}
