package dev.longwave.server.net.helidon;

import io.helidon.common.socket.PeerInfo;
import java.net.InetSocketAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection.
 *
 * @param tls the connection's session, if it is encrypted and this is the client
 */
record Peer(InetSocketAddress address, @Nullable SSLSession tls) implements PeerInfo {

    @Override
    public String host() {
        return address.getHostString();
    }

    @Override
    public int port() {
        return address.getPort();
    }

    /** The subject of the client's certificate, if it has shown one that was verified. */
    @Override
    public Optional<Principal> tlsPrincipal() {
        try {
            return tls == null ? Optional.empty() : Optional.of(tls.getPeerPrincipal());
        } catch (SSLPeerUnverifiedException _) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<Certificate[]> tlsCertificates() {
        try {
            return tls == null ? Optional.empty() : Optional.of(tls.getPeerCertificates());
        } catch (SSLPeerUnverifiedException _) {
            return Optional.empty();
        }
    }
}
