package dev.longwave.server.net;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Predicate;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The server's certificates, of which each handshake takes one by the name that the client asks
 * for. Safe for many threads.
 */
final class ServerKeys extends X509ExtendedKeyManager {
    /*
     * The certificates can be replaced at any time, and a handshake asks for an alias first, and then for what
     * it stands for. So no alias is given twice, and the generation before is kept.
     */
    private volatile Generation current;
    private int nextAlias; // guarded by the lock of its Tls

    private record Generation(
            SequencedMap<String, ServerCertificate> certificates,
            Map<String, ServerCertificate> before) {}

    /**
     * @param certificates one or more; the first is for clients that ask for no name of the others
     */
    ServerKeys(List<ServerCertificate> certificates) {
        current = new Generation(byAlias(certificates), Map.of());
    }

    /** Has handshakes from now on use these. Under the lock of its {@link Tls}. */
    void replace(List<ServerCertificate> certificates) {
        current = new Generation(byAlias(certificates), current.certificates());
    }

    private SequencedMap<String, ServerCertificate> byAlias(List<ServerCertificate> certificates) {
        var byAlias = new LinkedHashMap<String, ServerCertificate>();
        certificates.forEach(certificate -> byAlias.put("" + nextAlias++, certificate));
        return byAlias; // not changed from now on
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        SequencedMap<String, ServerCertificate> all = current.certificates();
        List<String> hosts = requested(engine.getHandshakeSession());
        Predicate<ServerCertificate> isNamed =
                certificate -> hosts.stream().anyMatch(certificate::isFor);
        Predicate<ServerCertificate> isMeant =
                all.values().stream().anyMatch(isNamed)
                        ? isNamed
                        : certificate -> certificate == all.firstEntry().getValue();
        return all.entrySet().stream()
                .filter(entry -> isMeant.test(entry.getValue()) && entry.getValue().isOf(keyType))
                .findFirst()
                .map(Map.Entry::getKey)
                .orElse(null);
    }

    private static List<String> requested(@Nullable SSLSession session) {
        return session instanceof ExtendedSSLSession extended
                ? extended.getRequestedServerNames().stream()
                        .filter(SNIHostName.class::isInstance)
                        .map(name -> ((SNIHostName) name).getAsciiName())
                        .toList()
                : List.of();
    }

    private Optional<ServerCertificate> find(String alias) {
        Generation present = current;
        ServerCertificate certificate = present.certificates().get(alias);
        return Optional.ofNullable(certificate)
                .or(() -> Optional.ofNullable(present.before().get(alias)));
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return find(alias).map(ServerCertificate::chain).orElse(null);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return find(alias).map(ServerCertificate::key).orElse(null);
    }

    @Override
    public String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        throw new UnsupportedOperationException("for sockets");
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        throw new UnsupportedOperationException("engines do not ask for it");
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        throw new UnsupportedOperationException("for clients");
    }

    @Override
    public String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        throw new UnsupportedOperationException("for clients");
    }
}
