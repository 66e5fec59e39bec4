package dev.longwave.cli;

import dev.longwave.broker.testing.RequiredProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/**
 * A certificate of loopback that certifies itself, as files.
 *
 * @param certificate in PEM
 * @param both the certificate and its key, in one file, as HAProxy wants them
 * @param key in PEM
 */
record TestAuthority(Path certificate, Path key, Path both) {

    /** A new one, valid for {@code days}, in {@code folder}. */
    static TestAuthority in(Path folder, int days) throws IOException, InterruptedException {
        Path certificate = folder.resolve("cert.pem");
        Path key = folder.resolve("key.pem");
        Process openssl =
                new ProcessBuilder(
                                RequiredProgram.find("openssl").toString(),
                                "req",
                                "-x509",
                                "-newkey",
                                "ec",
                                "-pkeyopt",
                                "ec_paramgen_curve:prime256v1",
                                "-nodes",
                                "-days",
                                Integer.toString(days),
                                "-subj",
                                "/CN=localhost",
                                "-addext",
                                "subjectAltName=DNS:localhost,IP:127.0.0.1",
                                "-keyout",
                                key.toString(),
                                "-out",
                                certificate.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("openssl.log").toFile())
                        .start();
        if (!openssl.waitFor(5, TimeUnit.MINUTES) || openssl.exitValue() != 0) {
            throw new IOException(Files.readString(folder.resolve("openssl.log")));
        }
        Path both = Files.copy(certificate, folder.resolve("both.pem"));
        Files.write(both, Files.readAllBytes(key), StandardOpenOption.APPEND);
        return new TestAuthority(certificate, key, both);
    }

    /** The settings of a server block of nginx. */
    String nginx() {
        return "ssl_certificate %s; ssl_certificate_key %s;".formatted(certificate, key);
    }
}
