package dev.longwave.broker.nats;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Whom to trust, and who we are, from key stores of any format that the JVM knows. */
final class KeyStores {

    private KeyStores() {}

    static SSLContext context(NatsSettings.Tls tls) throws GeneralSecurityException, IOException {
        var context = SSLContext.getInstance("TLS");
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(load(tls.trustStore(), tls.trustStorePassword())); // null for the JVM's own
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(load(tls.keyStore(), tls.keyStorePassword()), password(tls.keyStorePassword()));
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static @Nullable KeyStore load(Optional<Path> file, Optional<String> password)
            throws GeneralSecurityException, IOException {
        if (file.isEmpty()) {
            return null;
        }
        File store = file.get().toFile();
        if (!store.canRead()) {
            throw new IOException("cannot be read file=" + store);
        }
        return KeyStore.getInstance(store, password(password));
    }

    private static char @Nullable [] password(Optional<String> password) {
        return password.map(String::toCharArray).orElse(null);
    }
}
