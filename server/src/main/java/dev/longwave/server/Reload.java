package dev.longwave.server;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Settings;
import dev.longwave.server.auth.Keys;
import dev.longwave.server.auth.Policy;
import dev.longwave.server.net.Tls;
import dev.longwave.server.ops.ReloadHandler.Reloaded;
import dev.longwave.server.session.Sessions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Applies a configuration that has changed while the server runs. Safe for many threads. */
final class Reload {
    /*
     * Everything is read and checked before anything is changed, so that a mistake changes nothing. Then the files of
     * keys and certificates count, then the policy, and then the streams are ended whose clients may not have them any
     * more. A stream that is opened meanwhile asks for its right once it would be ended with the others. docs/adr/0023.
     */
    private static final System.Logger LOGGER = System.getLogger(Reload.class.getName());

    private static final Set<String> QUOTAS =
            Set.of(
                    "limits.streams-per-client",
                    "limits.publishes-per-second",
                    "limits.publish-bytes-per-second",
                    "limits.tickets-per-minute");
    private static final Set<String> FILES_OF_TLS =
            Set.of(
                    "tls.cert",
                    "tls.key",
                    "tls.keystore",
                    "tls.keystore-password-file",
                    "tls.client-ca");

    private final Supplier<Settings> source;
    private final BrokerProvider provider;
    private final Keys keys;
    private final @Nullable Tls tls;
    private final AtomicReference<Policy> policy;
    private final Sessions sessions;
    private final Configuration started;
    private Configuration current; // guarded by this

    /** Settings as text, and what was read from them. */
    record Configuration(Settings text, ServerSettings read) {

        static Configuration read(Settings text, BrokerProvider provider) {
            ServerSettings read = ServerSettings.read(text);
            if (read.brokerType().equals(provider.type())) {
                var _ = provider.settings(text.section("broker").section(provider.type()));
                text.refuseUnknown();
            }
            return new Configuration(text, read);
        }

        Policy policy() {
            return new Policy(read.auth().rules(), read.cors(), read.quotas());
        }
    }

    /**
     * @param source reads the configuration again
     * @param started what the server was started with
     * @param provider that of its broker
     * @param tls null if the server does not speak it
     * @param policy is replaced
     */
    Reload(
            Supplier<Settings> source,
            Configuration started,
            BrokerProvider provider,
            Keys keys,
            @Nullable Tls tls,
            AtomicReference<Policy> policy,
            Sessions sessions) {
        this.source = source;
        this.started = started;
        this.current = started;
        this.provider = provider;
        this.keys = keys;
        this.tls = tls;
        this.policy = policy;
        this.sessions = sessions;
    }

    /**
     * Reads the configuration, and applies what can change.
     *
     * @throws BrokerConfigurationException if it is not valid; nothing has changed then
     */
    synchronized Reloaded run() {
        try {
            return apply(Configuration.read(source.get(), provider));
        } catch (BrokerConfigurationException e) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "the configuration is not valid, and nothing has changed: {0}",
                    e.getMessage());
            throw e;
        }
    }

    private Reloaded apply(Configuration next) {
        List<String> needRestart =
                next.text().changedFrom(started.text()).stream()
                        .filter(key -> !canChange(key, next))
                        .toList();
        List<String> applied =
                next.text().changedFrom(current.text()).stream()
                        .filter(key -> canChange(key, next))
                        .toList();
        Runnable certificates = certificates(next);
        Runnable newKeys = keys.prepare();
        newKeys.run();
        certificates.run();
        policy.set(policy(next));
        int ended = sessions.endThoseWithoutRight();
        current = next;
        LOGGER.log(
                System.Logger.Level.INFO,
                "the configuration was read again applied={0} endedStreams={1}",
                applied,
                ended);
        if (!needRestart.isEmpty()) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "settings have changed that count only after a restart settings={0}",
                    needRestart);
        }
        return new Reloaded(applied, needRestart, ended);
    }

    private boolean canChange(String key, Configuration next) {
        if (key.startsWith("auth.rules.")) {
            return rulesCanChange(next);
        }
        if (FILES_OF_TLS.contains(key) || key.startsWith("tls.certificates.")) {
            return filesOfTlsCanChange(next);
        }
        return key.startsWith("cors.") || QUOTAS.contains(key);
    }

    /** A server that is open to everyone does not know its clients. */
    private boolean rulesCanChange(Configuration next) {
        return started.read().auth().isOn() && next.read().auth().isOn();
    }

    private boolean filesOfTlsCanChange(Configuration next) {
        TlsSettings before = started.read().tls();
        TlsSettings after = next.read().tls();
        return tls != null
                && !after.certificates().isEmpty()
                && (before.clientCertifiers() == null) == (after.clientCertifiers() == null);
    }

    private Policy policy(Configuration next) {
        Policy wanted = next.policy();
        return rulesCanChange(next)
                ? wanted
                : new Policy(policy.get().rules(), wanted.cors(), wanted.quotas());
    }

    private Runnable certificates(Configuration next) {
        if (tls == null || !filesOfTlsCanChange(next)) {
            return () -> {};
        }
        TlsSettings settings = next.read().tls();
        try {
            return tls.prepare(settings.certificates(), settings.clientCertifiers());
        } catch (IllegalArgumentException e) {
            throw new BrokerConfigurationException(
                    "TLS cannot be used as it is set up: " + e.getMessage(), e);
        }
    }
}
