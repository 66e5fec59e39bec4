package dev.longwave.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A server's certificate and the authority that issued it, made with the JDK's keytool. All files
 * are PEM.
 *
 * @param authority the authority's certificate
 */
record ServerCertificate(Path authority, Path certificate, Path key) {

    private static final String PASSWORD = "changeit";

    /**
     * {@return a certificate from a new authority}
     *
     * @param directory where the files are written
     * @param name the subject, such as {@code ip:127.0.0.1} or {@code dns:example.org}
     */
    static ServerCertificate make(Path directory, String name) {
        String stem = name.replaceAll("[^a-z0-9]", "-");
        Path store = directory.resolve(stem + ".p12");
        keytool(store, "-genkeypair", "-alias", "ca", "-dname", "CN=authority", "-ext", "bc:c");
        keytool(
                store,
                "-genkeypair",
                "-alias",
                "server",
                "-dname",
                "CN=server",
                "-ext",
                "SAN=" + name,
                "-signer",
                "ca");
        try {
            var keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
            return new ServerCertificate(
                    pem(
                            directory.resolve(stem + "-ca.pem"),
                            "CERTIFICATE",
                            keys.getCertificate("ca").getEncoded()),
                    pem(
                            directory.resolve(stem + ".pem"),
                            "CERTIFICATE",
                            keys.getCertificate("server").getEncoded()),
                    pem(
                            directory.resolve(stem + "-key.pem"),
                            "PRIVATE KEY",
                            keys.getKey("server", PASSWORD.toCharArray()).getEncoded()));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void keytool(Path store, String... arguments) {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                PASSWORD,
                                "-keyalg",
                                "EC",
                                "-validity",
                                "2"));
        command.addAll(1, List.of(arguments));
        try {
            Path log = Files.createTempFile(store.getParent(), "keytool", ".log");
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            int status = process.waitFor();
            assertThat(status).as(Files.readString(log)).isZero();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Path pem(Path file, String kind, byte[] bytes) throws IOException {
        var encoder = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
        return Files.writeString(
                file,
                "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                        .formatted(kind, encoder.encodeToString(bytes), kind));
    }
}
