package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An authority that certifies whom it is asked to, for a day. Made by the JDK's keytool. */
final class CertificateAuthority {

    static final String PASSWORD = "store-secret";

    private static final String OWN = "authority";
    private static final int TIMEOUT_SECONDS = 20;

    private final Path directory;
    private final Path store;

    /** {@code directory} is one of its own, for all that it writes. */
    CertificateAuthority(Path directory) throws Exception {
        this.directory = Files.createDirectories(directory);
        this.store = directory.resolve("all.p12");
        generate(OWN, "-ext", "bc:critical=ca:true");
    }

    /**
     * Certifies a key.
     *
     * @param names whose it is, as keytool's {@code -ext san} has it: {@code dns:host,ip:127.0.0.1}
     */
    CertificateAuthority certify(String alias, String names) throws Exception {
        generate(alias, "-signer", OWN, "-ext", "san=" + names);
        return this;
    }

    private void generate(String alias, String... more) throws Exception {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                PASSWORD,
                                "-alias",
                                alias,
                                "-dname",
                                "CN=" + alias,
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-validity",
                                "1"));
        command.addAll(List.of(more));
        Path log = directory.resolve("keytool.log");
        Process keytool =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        assertThat(keytool.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).as(Files.readString(log)).isZero();
    }

    /** {@return its own certificate, as servers read it} */
    Path certificate() throws Exception {
        return certificates(OWN);
    }

    /** {@return the certificates of this key, as servers read them} */
    Path certificates(String alias) throws Exception {
        var pem = new StringBuilder();
        for (Certificate certificate : all().getCertificateChain(alias)) {
            pem.append(pem("CERTIFICATE", certificate.getEncoded()));
        }
        return Files.writeString(directory.resolve(alias + ".crt"), pem);
    }

    /** {@return the key, as servers read it} */
    Path key(String alias) throws Exception {
        return Files.writeString(
                directory.resolve(alias + ".key"), pem("PRIVATE KEY", secret(alias).getEncoded()));
    }

    /** {@return a store for those who trust this authority} */
    Path trustStore() throws Exception {
        KeyStore trust = empty();
        trust.setCertificateEntry(OWN, all().getCertificate(OWN));
        return write(trust, "trust.p12");
    }

    /** {@return a store with this key and its certificates} */
    Path keyStore(String alias) throws Exception {
        KeyStore keys = empty();
        keys.setKeyEntry(
                alias, secret(alias), PASSWORD.toCharArray(), all().getCertificateChain(alias));
        return write(keys, alias + ".p12");
    }

    private Key secret(String alias) throws GeneralSecurityException, IOException {
        return all().getKey(alias, PASSWORD.toCharArray());
    }

    private KeyStore all() throws GeneralSecurityException, IOException {
        return KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore empty = KeyStore.getInstance("PKCS12");
        empty.load(null, null);
        return empty;
    }

    private Path write(KeyStore keys, String name) throws Exception {
        Path file = directory.resolve(name);
        try (var out = Files.newOutputStream(file)) {
            keys.store(out, PASSWORD.toCharArray());
        }
        return file;
    }

    private static String pem(String what, byte[] encoded) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(what, lines, what);
    }
}
