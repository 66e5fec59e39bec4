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
 * The node's own certificate, if it has one, and whether a server has asked for it.
 *
 * <p>In TLS 1.3 a server rejects a missing or unknown certificate only after the handshake is
 * complete for the client, and the library does not report it: there is no answer, or a broken
 * pipe.
 */
final class ClientCertificate extends X509ExtendedKeyManager {

    /** Whether a server has asked for a certificate, and what the last one that did was sent. */
    enum Asked {
        /** No server has asked. */
        NO,
        /** There is none, or none from an authority that the server named. */
        NONE_SUITABLE,
        /** The server was sent the certificate. */
        SENT
    }

    private final X509KeyManager keys;
    private volatile Asked asked = Asked.NO;

    ClientCertificate(X509KeyManager keys) {
        this.keys = keys;
    }

    Asked asked() {
        return asked;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        String alias = keys.chooseClientAlias(types, issuers, socket);
        asked = alias == null ? Asked.NONE_SUITABLE : Asked.SENT;
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

    // Not a server, and sockets only

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
