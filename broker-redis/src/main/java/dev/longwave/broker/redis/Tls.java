package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Opens TLS sockets, and verifies the servers' certificates. Safe for many threads. */
final class Tls {

    private static final char[] NO_PASSWORD = {};
    private static final Pattern PRIVATE_KEY =
            Pattern.compile(
                    "-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private final SSLSocketFactory sockets; // shared, so that connections can resume sessions

    /**
     * Where certificates are, in PEM.
     *
     * @param authorities those to trust, or null for the JVM's trust store
     * @param certificate the one to show to the servers, or null for none
     * @param key the private key of that certificate, or null for none
     */
    record PemFiles(@Nullable Path authorities, @Nullable Path certificate, @Nullable Path key) {

        PemFiles {
            if ((certificate == null) != (key == null)) {
                throw new BrokerConfigurationException(
                        "settings broker.redis.tls-cert-file and broker.redis.tls-key-file belong"
                                + " together: set both or none");
            }
        }

        boolean isEmpty() {
            return authorities == null && certificate == null;
        }
    }

    /**
     * Reads the certificates.
     *
     * @throws BrokerConfigurationException if they cannot be read, or there are none
     */
    Tls(PemFiles files) {
        try {
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(files.authorities == null ? null : trusted(files.authorities));
            var context = SSLContext.getInstance("TLS");
            context.init(keys(files), trust.getTrustManagers(), null);
            sockets = context.getSocketFactory();
        } catch (GeneralSecurityException | IOException e) {
            throw new BrokerConfigurationException("cannot set up TLS: " + e.getMessage(), e);
        }
    }

    /**
     * {@return a TLS socket on top of {@code plain}} The server's certificate is valid for {@code
     * host} when this returns.
     */
    Socket over(Socket plain, String host, int port) throws IOException {
        var socket = (SSLSocket) sockets.createSocket(plain, host, port, true);
        var parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static KeyStore trusted(Path file) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        for (Certificate certificate : certificates("tls-ca-file", file)) {
            store.setCertificateEntry(Integer.toString(store.size()), certificate);
        }
        return store;
    }

    private static KeyManager @Nullable [] keys(PemFiles files)
            throws GeneralSecurityException, IOException {
        if (files.certificate == null || files.key == null) {
            return null;
        }
        Certificate[] chain =
                certificates("tls-cert-file", files.certificate).toArray(Certificate[]::new);
        KeyStore store = emptyStore();
        String algorithm = chain[0].getPublicKey().getAlgorithm();
        store.setKeyEntry("client", privateKey(files.key, algorithm), NO_PASSWORD, chain);
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_PASSWORD);
        return keys.getKeyManagers();
    }

    private static PrivateKey privateKey(Path file, String algorithm)
            throws GeneralSecurityException {
        String why = "it contains no BEGIN PRIVATE KEY";
        try {
            Matcher pem = PRIVATE_KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
            if (pem.find()) {
                byte[] bytes = Base64.getMimeDecoder().decode(pem.group(1));
                return KeyFactory.getInstance(algorithm)
                        .generatePrivate(new PKCS8EncodedKeySpec(bytes));
            }
        } catch (InvalidKeySpecException | IllegalArgumentException _) {
            why = "it is not the key of the certificate algorithm=" + algorithm;
        } catch (IOException _) {
            why = "it cannot be read";
        }
        throw new BrokerConfigurationException(
                "setting broker.redis.tls-key-file must name a private key in PEM (PKCS #8): %s file=%s"
                        .formatted(why, file));
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(String setting, Path file) {
        String why = "it contains no certificate";
        try (InputStream in = Files.newInputStream(file)) {
            var found = CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (!found.isEmpty()) {
                return found;
            }
        } catch (CertificateException _) {
            why = "it is not a list of certificates in PEM";
        } catch (IOException _) {
            why = "it cannot be read";
        }
        throw new BrokerConfigurationException(
                "setting broker.redis.%s must name a file of certificates in PEM: %s file=%s"
                        .formatted(setting, why, file));
    }
}
