package dev.longwave.server.net;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A certificate that certifies itself, its key, and what tests do with them. */
public final class TestCertificate {

    private static final List<InetAddress> LOOPBACK =
            List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));

    private static final char[] PASSWORD = "changeit".toCharArray();

    private final ServerCertificate certificate;

    private TestCertificate(ServerCertificate certificate) {
        this.certificate = certificate;
    }

    /** A new one for these names, and for the IP addresses of loopback. */
    public static TestCertificate of(String... names) {
        return new TestCertificate(SelfSignedCertificate.of(List.of(names), LOOPBACK));
    }

    static TestCertificate expired(String... names) {
        Instant until = Instant.now().minus(Duration.ofDays(1));
        return new TestCertificate(
                SelfSignedCertificate.of(
                        List.of(names), LOOPBACK, until.minus(Duration.ofDays(1)), until));
    }

    public X509Certificate certificate() {
        return certificate.certificate();
    }

    /** Where {@link #write} puts the certificate. */
    public static Path certificateFile(Path folder) {
        return folder.resolve("cert.pem");
    }

    /** Where {@link #write} puts the key. */
    public static Path keyFile(Path folder) {
        return folder.resolve("key.pem");
    }

    /** Writes both, in place of others. */
    public TestCertificate write(Path folder) throws IOException, GeneralSecurityException {
        write(certificateFile(folder), pem("CERTIFICATE", certificate().getEncoded()));
        write(keyFile(folder), pem("PRIVATE KEY", certificate.key().getEncoded()));
        return this;
    }

    private static void write(Path file, String text) throws IOException {
        Path other =
                Files.createTempFile(
                        file.getParent(),
                        "new",
                        null,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.writeString(other, text);
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(what, Base64.getMimeEncoder().encodeToString(der), what);
    }

    /** Writes both to a key store whose password is {@code changeit}. */
    void writeKeyStore(Path file) throws IOException, GeneralSecurityException {
        try (var out =
                Files.newOutputStream(
                        Files.createFile(
                                file,
                                PosixFilePermissions.asFileAttribute(
                                        PosixFilePermissions.fromString("rw-------"))))) {
            keyStore(certificate.key()).store(out, PASSWORD);
        }
    }

    /** What a client needs to trust {@code certificates}. */
    public static SSLContext trusting(TestCertificate... certificates)
            throws IOException, GeneralSecurityException {
        return client(null, certificates);
    }

    /** The same for a client that shows {@code own}. */
    public static SSLContext client(@Nullable TestCertificate own, TestCertificate... certificates)
            throws IOException, GeneralSecurityException {
        KeyStore trusted = empty();
        for (TestCertificate certificate : certificates) {
            trusted.setCertificateEntry("" + trusted.size(), certificate.certificate());
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own == null ? empty() : own.keyStore(own.certificate.key()), PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private KeyStore keyStore(PrivateKey key) throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        store.setKeyEntry("own", key, PASSWORD, certificate.chain());
        return store;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
