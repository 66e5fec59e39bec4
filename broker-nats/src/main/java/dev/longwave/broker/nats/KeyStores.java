package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerConfigurationException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.UnrecoverableKeyException;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusted authorities and the node's certificate, from key stores in any format that the JVM knows.
 */
final class KeyStores {

    private static final char[] NO_PASSWORD = {};

    private KeyStores() {}

    /** {@return the authorities in the trust store; without one, those that the JVM trusts} */
    static TrustManager[] trusted(NatsSettings.Tls tls) throws GeneralSecurityException {
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(load("trust-store", tls.trustStore(), tls.trustStorePassword()));
        return trust.getTrustManagers();
    }

    /** {@return the certificate in the key store, which is none without a key store} */
    static ClientCertificate certificate(NatsSettings.Tls tls) throws GeneralSecurityException {
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        KeyStore ours = load("key-store", tls.keyStore(), tls.keyStorePassword());
        try {
            keys.init(ours, tls.keyStorePassword().map(String::toCharArray).orElse(NO_PASSWORD));
        } catch (UnrecoverableKeyException e) {
            throw unusable("key-store", "its keys have a different password", tls.keyStore(), e);
        }
        return new ClientCertificate((X509KeyManager) keys.getKeyManagers()[0]);
    }

    private static @Nullable KeyStore load(
            String setting, Optional<Path> file, Optional<String> password)
            throws GeneralSecurityException {
        if (file.isEmpty()) {
            return null;
        }
        KeyStore store;
        try {
            char[] secret = password.map(String::toCharArray).orElse(null);
            store = KeyStore.getInstance(file.get().toFile(), secret);
        } catch (IllegalArgumentException | IOException | KeyStoreException e) {
            throw unusable(setting, String.valueOf(e.getMessage()), file, e);
        }
        // A store whose password is missing looks empty as well.
        if (store.size() == 0) {
            throw unusable(
                    setting,
                    "it contains nothing that can be read, perhaps for lack of a password",
                    file,
                    null);
        }
        return store;
    }

    private static BrokerConfigurationException unusable(
            String setting, String why, Optional<Path> file, @Nullable Exception cause) {
        return new BrokerConfigurationException(
                "setting broker.nats.%s cannot be used: %s file=%s"
                        .formatted(setting, why, file.map(Path::toString).orElse("")),
                cause);
    }
}
