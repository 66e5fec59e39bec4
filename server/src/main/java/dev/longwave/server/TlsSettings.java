package dev.longwave.server;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import dev.longwave.server.net.CertificateSource;
import dev.longwave.server.net.Tls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * TLS of the public listener.
 *
 * @param certificates where its certificates come from, the default first; none for no TLS
 * @param clientCertifiers a file of the certificates that verify those of clients; null to ask
 *     clients for none
 * @param oldest the oldest version that is spoken
 * @param reloadInterval how often the files are looked at
 */
public record TlsSettings(
        List<CertificateSource> certificates,
        @Nullable Path clientCertifiers,
        Tls.Version oldest,
        Duration reloadInterval) {

    public TlsSettings {
        certificates = List.copyOf(certificates);
        if (clientCertifiers != null && certificates.isEmpty()) {
            throw new BrokerConfigurationException(
                    "setting tls.client-ca needs a certificate of the server: set tls.cert and"
                            + " tls.key");
        }
    }

    /** Reads the section {@code tls}. */
    static TlsSettings read(Settings settings) {
        Settings tls = settings.section("tls");
        List<CertificateSource> certificates = new ArrayList<>();
        certificate("tls", tls).ifPresent(certificates::add);
        boolean selfSigned =
                tls.flag(
                        "self-signed",
                        false,
                        "Makes a certificate for localhost, 127.0.0.1, and ::1 at each start, for"
                                + " development: browsers ask before they accept it.");
        if (selfSigned) {
            if (!certificates.isEmpty()) {
                throw new BrokerConfigurationException(
                        "setting tls.self-signed is for servers without a certificate: remove it,"
                                + " or remove tls.cert and tls.keystore");
            }
            certificates.add(new CertificateSource.SelfSigned());
        }
        Settings named = tls.section("certificates");
        for (String name : named.names()) {
            certificate("tls.certificates." + name, named.section(name))
                    .ifPresent(certificates::add);
        }
        return new TlsSettings(
                certificates,
                tls.text(
                                "client-ca",
                                "A PEM file with the certificates of the authorities that certify"
                                        + " clients. With it, clients are asked for a certificate,"
                                        + " and may do without; one that cannot be verified is"
                                        + " refused. Read again when it changes.")
                        .map(Path::of)
                        .orElse(null),
                oldest(tls),
                tls.duration(
                        "reload-interval",
                        Duration.ofSeconds(5),
                        Duration.ofMillis(100),
                        Duration.ofDays(1),
                        "How often the server looks whether the files of its certificates, and of"
                                + " tls.client-ca, have changed."));
    }

    /** Reads a further certificate without values, so that its settings appear in the table. */
    static void describe(Settings settings) {
        var _ =
                certificate(
                        "tls.certificates.<name>",
                        settings.section("tls").section("certificates").section("<name>"));
    }

    private static Tls.Version oldest(Settings tls) {
        String version =
                tls.text(
                        "min-version",
                        "1.2",
                        "The oldest version of TLS that clients may speak: 1.2 or 1.3.");
        return switch (version) {
            case "1.2" -> Tls.Version.TLS_1_2;
            case "1.3" -> Tls.Version.TLS_1_3;
            default ->
                    throw new BrokerConfigurationException(
                            "setting tls.min-version must be 1.2 or 1.3 value=" + version);
        };
    }

    private static Optional<CertificateSource> certificate(String section, Settings settings) {
        Optional<Path> certificate =
                path(
                        settings,
                        "cert",
                        "A PEM file with the server's certificate, followed by those of the"
                                + " authorities between it and the root. Turns on TLS.");
        Optional<Path> key =
                path(
                        settings,
                        "key",
                        "A PEM file with the private key of that certificate, in PKCS #8, which"
                                + " only the server's user may read.");
        Optional<Path> keystore =
                path(
                        settings,
                        "keystore",
                        "A PKCS #12 file with certificate and private key, in place of cert and"
                                + " key.");
        Optional<Path> password =
                path(
                        settings,
                        "keystore-password-file",
                        "A file that contains the password of the key store.");
        requirePair(section, "cert", certificate, "key", key);
        requirePair(section, "keystore", keystore, "keystore-password-file", password);
        if (certificate.isPresent() && keystore.isPresent()) {
            throw new BrokerConfigurationException(
                    "settings %s.cert and %s.keystore exclude each other: set only one of them"
                            .formatted(section, section));
        }
        return certificate
                .<CertificateSource>flatMap(c -> key.map(k -> new CertificateSource.Pem(c, k)))
                .or(() ->
                        keystore.flatMap(
                                k -> password.map(p -> new CertificateSource.Pkcs12(k, p))));
    }

    private static Optional<Path> path(Settings settings, String key, String purpose) {
        return settings.text(key, purpose).map(Path::of);
    }

    private static void requirePair(
            String section, String one, Optional<Path> first, String other, Optional<Path> second) {
        if (first.isPresent() != second.isPresent()) {
            throw new BrokerConfigurationException(
                    "settings %s.%s and %s.%s belong together: set both or neither"
                            .formatted(section, one, section, other));
        }
    }

    /**
     * Reads the certificates.
     *
     * @return null if there is to be no TLS; otherwise to be closed by the caller
     * @throws BrokerConfigurationException saying what is wrong with which file
     */
    @Nullable Tls open() {
        if (certificates.isEmpty()) {
            return null;
        }
        try {
            return Tls.open(certificates, clientCertifiers, oldest, reloadInterval);
        } catch (IllegalArgumentException e) {
            throw new BrokerConfigurationException(
                    "TLS cannot be used as it is set up: " + e.getMessage(), e);
        }
    }
}
