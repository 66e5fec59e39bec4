package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Opens TLS sockets, and verifies the server's certificate. Safe for many threads. */
final class Tls {

    private final SSLSocketFactory sockets; // shared, so that connections can resume sessions

    /**
     * Reads the trusted certificates.
     *
     * @param caFile certificates in PEM, or null for the JVM's trust store
     * @throws BrokerConfigurationException if they cannot be read, or there are none
     */
    Tls(@Nullable Path caFile) {
        try {
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(caFile == null ? null : store(caFile));
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
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

    private static KeyStore store(Path caFile) throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (Certificate certificate : certificates(caFile)) {
            store.setCertificateEntry(Integer.toString(store.size()), certificate);
        }
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file) {
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
                "setting broker.redis.tls-ca-file must name a file of certificates in PEM: %s file=%s"
                        .formatted(why, file));
    }
}
