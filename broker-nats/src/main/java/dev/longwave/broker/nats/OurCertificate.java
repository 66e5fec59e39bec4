package dev.longwave.broker.nats;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Our certificate, if we have one, and whether a server asked for it.
 *
 * <p>In TLS 1.3 a server says that it takes no certificate, or not this one, only once the client
 * has all that it needs, and the library does not tell: there is no answer, or a broken pipe.
 */
final class OurCertificate extends X509ExtendedKeyManager {

    /** Whether the server that asked last, if any, was shown a certificate. */
    enum Asked {
        NO,
        /** We had none, or none of an authority that it named. */
        HAVING_NONE,
        SHOWN
    }

    private final X509KeyManager keys;
    private volatile Asked asked = Asked.NO;

    OurCertificate(X509KeyManager keys) {
        this.keys = keys;
    }

    Asked asked() {
        return asked;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        String alias = keys.chooseClientAlias(types, issuers, socket);
        asked = alias == null ? Asked.HAVING_NONE : Asked.SHOWN;
        return alias;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return keys.getCertificateChain(alias);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return keys.getPrivateKey(alias);
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
        return keys.getClientAliases(type, issuers);
    }

    // We are no server, and use sockets only.

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(
            String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
