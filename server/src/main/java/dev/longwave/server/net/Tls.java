package dev.longwave.server.net;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * What a listener needs to speak TLS. It looks at the files of the certificates in even intervals,
 * and has handshakes use new ones; what is open already goes on. Safe for many threads.
 */
public final class Tls implements AutoCloseable {
    /*
     * The SSLContext stays when certificates are replaced in its key manager, because it has the keys of the session
     * tickets, with which clients save themselves half of a handshake. It is another one once the certifiers of clients
     * are others: a ticket stands for a client that those before have verified.
     *
     * Files are compared by their content, as modification times may be those of an archive, or of a link. A certificate
     * and its key are replaced one after the other, and must not be complained about in between: files that cannot be
     * used are complained about if they are still the same at the next look, and once.
     *
     * All suites have forward secrecy and authenticated encryption, so that the client may choose: it knows what
     * its processor is good at. Named groups leave out those whose arithmetic is expensive for the server. What is in use is
     * also what RFC 9113, section 9.2, requires of HTTP/2.
     */
    private static final System.Logger LOGGER = System.getLogger(Tls.class.getName());
    private static final String[] PROTOCOLS = {"h2", "http/1.1"};
    private static final String[] GROUPS = {"x25519", "secp256r1", "secp384r1"};
    private static final String[] SUITES = {
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
    };

    private List<CertificateSource> sources; // guarded by this
    private final ServerKeys keys;
    private @Nullable Path clientCertifiers; // likewise
    private volatile SSLContext context;
    private final SSLParameters parameters;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("longwave-certificates").factory());

    // Guarded by this:
    private List<X509Certificate> certifiers; // of clients
    private String seen; // the files, when they were read last
    private @Nullable String complaint; // about them, if they stay as they are

    /**
     * Reads the certificates, and begins to watch them.
     *
     * @param sources one or more; the first is for clients that ask for no name of the others
     * @param clientCertifiers a PEM file of the certificates by which a client's certificate is
     *     verified, if it shows one; null to ask for none
     * @param oldest the oldest version of TLS that is spoken
     * @param interval how often the files are looked at
     * @throws IllegalArgumentException saying what is wrong with which file
     */
    public static Tls open(
            List<CertificateSource> sources,
            @Nullable Path clientCertifiers,
            Version oldest,
            Duration interval) {
        var tls = new Tls(sources, clientCertifiers, oldest);
        long nanos = interval.toNanos();
        var _ = tls.watch.scheduleWithFixedDelay(tls::refresh, nanos, nanos, TimeUnit.NANOSECONDS);
        return tls;
    }

    /** Versions of TLS. */
    public enum Version {
        TLS_1_2,
        TLS_1_3
    }

    /** For tests: nothing is looked at but by {@link #refresh()}. */
    Tls(List<CertificateSource> sources, @Nullable Path clientCertifiers, Version oldest) {
        this.sources = List.copyOf(sources);
        this.clientCertifiers = clientCertifiers;
        this.seen = fingerprint(this.sources, clientCertifiers);
        this.keys = new ServerKeys(load(this.sources));
        this.certifiers = loadCertifiers(clientCertifiers);
        this.context = context(keys, certifiers);
        this.parameters = new SSLParameters();
        parameters.setApplicationProtocols(PROTOCOLS);
        parameters.setCipherSuites(SUITES);
        parameters.setNamedGroups(GROUPS);
        parameters.setUseCipherSuitesOrder(false);
        parameters.setWantClientAuth(clientCertifiers != null);
        parameters.setProtocols(
                switch (oldest) {
                    case TLS_1_2 -> new String[] {"TLSv1.3", "TLSv1.2"};
                    case TLS_1_3 -> new String[] {"TLSv1.3"};
                });
    }

    private static SSLContext context(ServerKeys keys, List<X509Certificate> certifiers) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManager[] trust = certifiers.isEmpty() ? new TrustManager[0] : trust(certifiers);
            context.init(new KeyManager[] {keys}, trust, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("every JDK has these algorithms", e);
        }
    }

    private static TrustManager[] trust(List<X509Certificate> certifiers)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < certifiers.size(); i++) {
            store.setCertificateEntry(Integer.toString(i), certifiers.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static List<ServerCertificate> load(List<CertificateSource> sources) {
        return sources.stream().flatMap(source -> source.load().stream()).toList();
    }

    private static List<X509Certificate> loadCertifiers(@Nullable Path clientCertifiers) {
        return clientCertifiers == null ? List.of() : PemFile.certificates(clientCertifiers);
    }

    /** {@return an engine for one connection, on the server's side} */
    SSLEngine engine() {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setSSLParameters(parameters);
        return engine;
    }

    /**
     * Reads all files at once, which may be others than before.
     *
     * @param newSources one or more
     * @param newCertifiers null if and only if there was none before
     * @return has handshakes use what was read
     * @throws IllegalArgumentException saying what is wrong with which file; nothing has changed
     *     then
     */
    public Runnable prepare(List<CertificateSource> newSources, @Nullable Path newCertifiers) {
        String files = fingerprint(newSources, newCertifiers);
        List<ServerCertificate> certificates = load(newSources);
        List<X509Certificate> authorities = loadCertifiers(newCertifiers);
        return () -> replace(newSources, newCertifiers, files, certificates, authorities);
    }

    private synchronized void replace(
            List<CertificateSource> newSources,
            @Nullable Path newCertifiers,
            String files,
            List<ServerCertificate> certificates,
            List<X509Certificate> authorities) {
        sources = List.copyOf(newSources);
        clientCertifiers = newCertifiers;
        seen = files;
        complaint = null;
        use(certificates, authorities);
    }

    private void use(List<ServerCertificate> certificates, List<X509Certificate> authorities) {
        keys.replace(certificates);
        if (!authorities.equals(certifiers)) {
            certifiers = authorities;
            context = context(keys, authorities);
        }
    }

    /** Looks at the files. */
    synchronized void refresh() {
        String now = fingerprint(sources, clientCertifiers);
        if (now.equals(seen)) {
            if (complaint != null) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "the new certificates cannot be used, so the old ones remain in use: {0}",
                        complaint);
                complaint = null;
            }
            return;
        }
        seen = now;
        complaint = null;
        try {
            use(load(sources), loadCertifiers(clientCertifiers));
            LOGGER.log(System.Logger.Level.INFO, "new certificates are in use");
        } catch (RuntimeException e) { // or nobody would look again
            complaint = String.valueOf(e.getMessage());
        }
    }

    /** What changes when the content of a file does. */
    private static String fingerprint(
            List<CertificateSource> sources, @Nullable Path clientCertifiers) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (CertificateSource source : sources) {
                for (Path file : source.files()) {
                    digest.update((byte) (update(digest, file) ? 1 : 0));
                }
            }
            if (clientCertifiers != null) {
                digest.update((byte) (update(digest, clientCertifiers) ? 1 : 0));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has this algorithm", e);
        }
    }

    private static boolean update(MessageDigest digest, Path file) {
        try {
            digest.update(Files.readAllBytes(file));
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /** Ends the watching. */
    @Override
    public void close() {
        watch.shutdownNow();
    }
}
