package dev.longwave.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** Checks what comes before HTTP: the name, the connection, TLS, and what ALPN chooses. */
final class NetworkCheck {

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final Duration RENEWAL = Duration.ofDays(14);

    /** Fewer, and two tabs with some requests each wait for each other. */
    private static final int FEW_STREAMS = 16;

    private final DoctorTarget target;
    private final SSLContext tls;
    private final InstantSource clock;
    private final DoctorReport report;

    NetworkCheck(DoctorTarget target, SSLContext tls, InstantSource clock, DoctorReport report) {
        this.target = target;
        this.tls = tls;
        this.clock = clock;
        this.report = report;
    }

    /** {@return whether the target can be connected to} */
    boolean run() {
        try {
            InetAddress[] addresses = InetAddress.getAllByName(target.host());
            report.passed(
                    "dns",
                    target.host()
                            + ": "
                            + Arrays.stream(addresses)
                                    .map(InetAddress::getHostAddress)
                                    .collect(Collectors.joining(", ")));
        } catch (UnknownHostException _) {
            report.found(
                    "dns",
                    "the name " + target.host() + " cannot be resolved",
                    "check the name, and its DNS records");
            return false;
        }
        try (Socket socket = connected()) {
            report.passed("connect", "port " + target.port() + " accepts connections");
            return target.isEncrypted() ? encrypt(socket) : plain();
        } catch (IOException e) {
            report.found(
                    "connect",
                    "%s port %d cannot be connected to (%s)"
                            .formatted(target.host(), target.port(), reason(e)),
                    "check that the server or its proxy listens there, and the firewalls between");
            return false;
        }
    }

    /** The first address that accepts a connection, as browsers do. */
    private Socket connected() throws IOException {
        IOException last = new IOException("no address");
        for (InetAddress address : InetAddress.getAllByName(target.host())) {
            var socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(address, target.port()), TIMEOUT_MILLIS);
                socket.setSoTimeout(TIMEOUT_MILLIS);
                return socket;
            } catch (IOException e) {
                socket.close();
                last = e;
            }
        }
        throw last;
    }

    private boolean plain() {
        if (target.isLoopback()) {
            report.passed(
                    "tls",
                    "none, on a loopback address; browsers speak HTTP/1.1 here, with six"
                            + " connections for all tabs");
        } else {
            report.found(
                    "no-tls",
                    "the connection is not encrypted: credentials and events can be read on the"
                            + " way, and browsers speak HTTP/1.1, with six connections for all"
                            + " tabs",
                    "serve https, by a proxy or with tls.certificate and tls.key");
        }
        return true;
    }

    private boolean encrypt(Socket socket) {
        try (var encrypted =
                (SSLSocket)
                        tls.getSocketFactory()
                                .createSocket(socket, target.host(), target.port(), true)) {
            SSLParameters parameters = encrypted.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            parameters.setApplicationProtocols(
                    target.isWebSocket()
                            ? new String[] {"http/1.1"}
                            : new String[] {"h2", "http/1.1"});
            encrypted.setSSLParameters(parameters);
            encrypted.startHandshake();
            @Nullable String chosen = encrypted.getApplicationProtocol();
            String alpn = chosen == null || chosen.isEmpty() ? "nothing" : chosen;
            report.passed("tls", encrypted.getSession().getProtocol() + ", ALPN chooses " + alpn);
            checkExpiry(encrypted);
            if (!target.isWebSocket()) {
                checkHttp2(encrypted, alpn);
            }
            return true;
        } catch (SSLException e) {
            boolean certificate = isOfCertificate(e);
            report.found(
                    certificate ? "certificate" : "tls",
                    "the TLS handshake fails: " + reason(e),
                    certificate
                            ? "install a certificate that is valid for this name, with its chain;"
                                    + " for a private authority, give --ca-file"
                            : "check that the port speaks TLS 1.2 or 1.3");
            return false;
        } catch (IOException e) {
            report.found(
                    "tls",
                    "the TLS handshake is cut off: " + reason(e),
                    "check that the port speaks TLS");
            return false;
        }
    }

    private void checkExpiry(SSLSocket encrypted) throws SSLException {
        var certificate = (X509Certificate) encrypted.getSession().getPeerCertificates()[0];
        Instant end = certificate.getNotAfter().toInstant();
        if (clock.instant().plus(RENEWAL).isAfter(end)) {
            report.found(
                    "certificate-expires",
                    "the certificate expires at " + end.truncatedTo(ChronoUnit.SECONDS),
                    "renew it, and check what should have done so");
        }
    }

    private void checkHttp2(SSLSocket encrypted, String alpn) {
        if (!alpn.equals("h2")) {
            report.found(
                    "http-1.1-only",
                    "there is no HTTP/2: a browser opens six connections for all tabs, and the"
                            + " seventh stream waits for ever",
                    "turn HTTP/2 on where TLS ends (nginx: http2 on; HAProxy: alpn h2,http/1.1)");
            return;
        }
        OptionalLong max;
        try {
            max = Http2Settings.maxConcurrentStreams(encrypted);
        } catch (IOException e) {
            report.unchecked("max-streams", "no SETTINGS frame came: " + reason(e));
            return;
        }
        if (max.isPresent() && max.getAsLong() < FEW_STREAMS) {
            report.found(
                    "max-streams",
                    "an HTTP/2 connection may have only %d streams, for all tabs of a browser"
                            .formatted(max.getAsLong()),
                    "raise the limit where TLS ends, to 100 or more (nginx:"
                            + " http2_max_concurrent_streams)");
        } else {
            report.passed(
                    "max-streams",
                    max.isPresent()
                            ? max.getAsLong() + " streams on an HTTP/2 connection"
                            : "no limit of streams on an HTTP/2 connection");
        }
    }

    private static boolean isOfCertificate(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return true;
            }
        }
        return false;
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
