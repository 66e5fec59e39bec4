package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerConfigurationException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** TLS that accepts a certificate only from the server that it was issued to. */
final class HostnameCheckedTls extends SSLContext {
    /*
     * The library checks that a certificate comes from a trusted authority, but not the host name in
     * it: a server with any certificate from that authority could impersonate ours. The library has no
     * option for this, but it accepts an SSLContext, and creates its TLS sockets with that. This
     * context delegates to another, and its sockets also check the host name as HTTPS does (RFC 2818,
     * section 3.1). They send the name to the server (SNI) as well, which they would not with an
     * address.
     */
    private final ClientCertificate certificate;

    private HostnameCheckedTls(
            SSLContext context, UnaryOperator<String> nameOf, ClientCertificate certificate) {
        super(new Checked(context, nameOf), context.getProvider(), context.getProtocol());
        this.certificate = certificate;
    }

    /**
     * {@return a context with the stores in the settings}
     *
     * @param nameOf returns the name to check for an address that the library connects to
     * @throws BrokerConfigurationException if a store cannot be used
     */
    static HostnameCheckedTls create(NatsSettings.Tls tls, UnaryOperator<String> nameOf)
            throws GeneralSecurityException {
        ClientCertificate certificate = KeyStores.certificate(tls);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {certificate}, KeyStores.trusted(tls), null);
        return new HostnameCheckedTls(context, nameOf, certificate);
    }

    /** {@return the node's own certificate, and whether a server has asked for it} */
    ClientCertificate certificate() {
        return certificate;
    }

    private static final class Checked extends SSLContextSpi {

        private final SSLContext context;
        private final UnaryOperator<String> nameOf;

        Checked(SSLContext context, UnaryOperator<String> nameOf) {
            this.context = context;
            this.nameOf = nameOf;
        }

        @Override
        protected void engineInit(
                KeyManager @Nullable [] keys,
                TrustManager @Nullable [] trust,
                @Nullable SecureRandom random)
                throws KeyManagementException {
            throw new KeyManagementException("initialized already");
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return new Sockets(context.getSocketFactory(), nameOf);
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return context.getServerSocketFactory();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            throw new UnsupportedOperationException("sockets only");
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            throw new UnsupportedOperationException("sockets only");
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return context.getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return context.getClientSessionContext();
        }
    }

    /** Wraps sockets that are already connected, which is all that the library needs. */
    private static final class Sockets extends SSLSocketFactory {

        private final SSLSocketFactory sockets;
        private final UnaryOperator<String> nameOf;

        Sockets(SSLSocketFactory sockets, UnaryOperator<String> nameOf) {
            this.sockets = sockets;
            this.nameOf = nameOf;
        }

        @Override
        public Socket createSocket(Socket connected, String host, int port, boolean autoClose)
                throws IOException {
            var socket =
                    (SSLSocket)
                            sockets.createSocket(connected, nameOf.apply(host), port, autoClose);
            var parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            return socket;
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return sockets.getDefaultCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return sockets.getSupportedCipherSuites();
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw notConnected();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) {
            throw notConnected();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw notConnected();
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
            throw notConnected();
        }

        private static UnsupportedOperationException notConnected() {
            return new UnsupportedOperationException("connect first");
        }
    }
}
