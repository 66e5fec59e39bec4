package dev.longwave.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.server.Warnings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of certificates: what can be used, what cannot, and what happens when they change. */
final class TlsTest {

    private static final int ENOUGH = 20_000;

    private final TestCertificate first = TestCertificate.of("localhost");
    private final TestCertificate next = TestCertificate.of("localhost");
    @TempDir private Path folder;

    @BeforeEach
    void write() throws Exception {
        first.write(folder);
    }

    private Tls tls() {
        return new Tls(List.of(pem()), null, Tls.Version.TLS_1_2);
    }

    private CertificateSource pem() {
        return new CertificateSource.Pem(
                TestCertificate.certificateFile(folder), TestCertificate.keyFile(folder));
    }

    /** The certificate that a handshake gets, without a network in between. */
    private X509Certificate shown(Tls tls) throws Exception {
        SSLEngine server = tls.engine();
        SSLEngine client = TestCertificate.trusting(first, next).createSSLEngine();
        client.setUseClientMode(true);
        ByteBuffer toServer = ByteBuffer.allocate(ENOUGH);
        ByteBuffer toClient = ByteBuffer.allocate(ENOUGH);
        client.beginHandshake();
        while (client.getSession().getProtocol().equals("NONE")) {
            step(client, toServer, toClient);
            step(server, toClient, toServer);
        }
        return (X509Certificate) client.getSession().getPeerCertificates()[0];
    }

    private static void step(SSLEngine engine, ByteBuffer out, ByteBuffer in) throws IOException {
        switch (engine.getHandshakeStatus()) {
            case NEED_WRAP -> engine.wrap(ByteBuffer.allocate(0), out);
            case NEED_TASK -> engine.getDelegatedTask().run();
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN, FINISHED, NOT_HANDSHAKING -> {
                engine.unwrap(in.flip(), ByteBuffer.allocate(ENOUGH));
                in.compact();
            }
        }
    }

    @Test
    void usesNewFilesForNewHandshakes() throws Exception {
        try (Tls tls = tls()) {
            assertThat(shown(tls)).isEqualTo(first.certificate());

            next.write(folder);
            tls.refresh();

            assertThat(shown(tls)).isEqualTo(next.certificate());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cert.pem", "key.pem"})
    void keepsTheOldOnesAndComplainsOnceOfFilesThatCannotBeUsed(String broken) throws Exception {
        try (Warnings warnings = Warnings.recorded();
                Tls tls = tls()) {
            Files.writeString(folder.resolve(broken), "nothing of use");
            for (int i = 0; i < 5; i++) {
                tls.refresh();
            }

            assertThat(shown(tls)).isEqualTo(first.certificate());
            assertThat(warnings.records())
                    .singleElement()
                    .asString()
                    .contains("the old ones remain in use");

            next.write(folder);
            tls.refresh();
            assertThat(shown(tls)).isEqualTo(next.certificate());
        }
    }

    /** They are replaced one after the other. */
    @Test
    void doesNotComplainOfACertificateWhoseKeyComesAMomentLater() throws Exception {
        try (Warnings warnings = Warnings.recorded();
                Tls tls = tls()) {
            Files.delete(TestCertificate.keyFile(folder));
            tls.refresh();
            next.write(folder);
            tls.refresh();
            tls.refresh();

            assertThat(shown(tls)).isEqualTo(next.certificate());
            assertThat(warnings.records()).isEmpty();
        }
    }

    @Test
    void opensKeyStores(@TempDir Path others) throws Exception {
        Path store = others.resolve("store.p12");
        next.writeKeyStore(store);
        Path password = privateFile(others.resolve("password"), "changeit\n");
        var source = new CertificateSource.Pkcs12(store, password);

        try (Tls tls = new Tls(List.of(source), null, Tls.Version.TLS_1_3)) {
            assertThat(shown(tls)).isEqualTo(next.certificate());
        }

        Files.writeString(password, "another");
        assertThatThrownBy(source::load)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("password-file=" + password)
                .message()
                .doesNotContain("another", "changeit");
    }

    @Test
    void warnsOfACertificateThatHasExpired() throws Exception {
        TestCertificate.expired("localhost").write(folder);
        try (Warnings warnings = Warnings.recorded()) {
            assertThat(pem().load()).hasSize(1);
            assertThat(warnings.records()).singleElement().asString().contains("renew it");
        }
    }

    @Test
    void refusesAKeyOfAnotherCertificate(@TempDir Path others) throws Exception {
        next.write(others);

        assertRefused(
                new CertificateSource.Pem(
                        TestCertificate.certificateFile(folder), TestCertificate.keyFile(others)),
                "files that belong together");
    }

    @Test
    void refusesAKeyOfAnotherKind() throws Exception {
        byte[] other =
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate().getEncoded();
        writeKey(
                "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
                        .formatted(Base64.getMimeEncoder().encodeToString(other)));

        assertRefused(pem(), "whose algorithm is EC");
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA ", "EC ", "ENCRYPTED "})
    void saysHowToConvertKeysInOtherFormats(String format) throws Exception {
        writeKey(
                "-----BEGIN %sPRIVATE KEY-----\nAAAA\n-----END %sPRIVATE KEY-----\n"
                        .formatted(format, format));

        assertRefused(pem(), "openssl pkcs8 -topk8 -nodes -in");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello", "-----BEGIN PRIVATE KEY-----"})
    void refusesFilesWithoutAKey(String content) throws Exception {
        writeKey(content);

        assertRefused(pem(), "file=" + TestCertificate.keyFile(folder));
    }

    @Test
    void refusesAKeyThatEveryoneCanRead() throws Exception {
        Path key = TestCertificate.keyFile(folder);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

        assertRefused(pem(), "chmod 600 " + key);
    }

    @Test
    void refusesFilesThatAreMissing() throws Exception {
        Files.delete(TestCertificate.certificateFile(folder));

        assertRefused(pem(), "set an existing file");
    }

    private static void assertRefused(CertificateSource source, String words) {
        assertThatThrownBy(source::load)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words);
    }

    private void writeKey(String content) throws IOException {
        Files.writeString(TestCertificate.keyFile(folder), content);
    }

    private static Path privateFile(Path file, String content) throws IOException {
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, content);
    }
}
