package dev.longwave.server.auth;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.server.auth.AuthSettings.IssuerSettings;
import dev.longwave.server.config.ConfigSources;
import dev.longwave.server.http.HttpFetch;
import dev.longwave.server.session.Credential;
import dev.longwave.token.KeyException;
import dev.longwave.token.KeySet;
import dev.longwave.token.TokenRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** All keys that credentials are checked with. Safe for many threads. */
public final class Keys implements AutoCloseable {

    private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_JWKS_BYTES = 256 << 10;
    private static final String SEAL = "longwave tickets";

    private final LongSupplier nanoTime;
    private final List<Jwt.Issuer> issuers = new ArrayList<>();
    private final List<Supplier<KeySet>> atHand = new ArrayList<>(); // without a request
    private final List<WatchedFile<?>> files = new ArrayList<>();
    private final Supplier<List<ApiKeys.Entry>> apiKeys;
    private volatile Runnable listener = () -> {};

    private Keys(AuthSettings settings, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        Path file = settings.keysFile();
        this.apiKeys = file == null ? List::of : watched(file, Keys::apiKeys);
        for (IssuerSettings issuer : settings.issuers()) {
            issuers.add(new Jwt.Issuer(issuer.key(), rules(issuer), source(issuer)));
        }
    }

    private <T> Supplier<T> watched(Path file, Function<Path, T> reading) {
        var watched = new WatchedFile<>(file, reading, nanoTime, this::changed);
        files.add(watched);
        return watched::value;
    }

    private void changed() {
        listener.run();
    }

    /**
     * Has {@code newListener} run when keys have changed without {@link #prepare}.
     *
     * @param newListener must not block
     */
    public void onChange(Runnable newListener) {
        listener = newListener;
    }

    /**
     * Reads all files again.
     *
     * @return makes what was read the keys that count, and has those at a URL fetched again soon
     * @throws BrokerConfigurationException if a file is not valid; nothing has changed then
     */
    public Runnable prepare() {
        List<Runnable> changes = files.stream().map(WatchedFile::prepare).toList();
        return () -> {
            changes.forEach(Runnable::run);
            issuers.forEach(issuer -> issuer.keys().refresh());
        };
    }

    /**
     * {@return whether there still is the key that vouches for a credential} Only the source that
     * accepted the credential is asked: others may not be reached, and have no say.
     *
     * @throws dev.longwave.server.http.ProblemException if that source cannot say so at the moment
     */
    boolean know(Credential.Key key) {
        if (key.source().equals(ApiKeys.SOURCE)) {
            return apiKeys().stream().anyMatch(entry -> entry.sha256().equals(key.id()));
        }
        for (Jwt.Issuer issuer : issuers) {
            if (issuer.name().equals(key.source())) {
                return issuer.keys().contains(key.id());
            }
        }
        return false;
    }

    /**
     * Reads the keys. Those at a URL are fetched when they are needed first.
     *
     * @throws BrokerConfigurationException if a file cannot be read, or keys are too weak
     */
    public static Keys open(AuthSettings settings) {
        return new Keys(settings, System::nanoTime);
    }

    /**
     * {@return the seal of tickets; empty if there is nothing secret that all nodes would have}
     *
     * @throws BrokerConfigurationException if the setting is not a secret
     */
    Optional<Seal> seal(String ticketSecret) {
        if (!ticketSecret.isEmpty()) {
            return secret(ticketSecret, "auth.ticket-secret").derived(SEAL).map(Seal::new);
        }
        return atHand.stream()
                .flatMap(keys -> keys.get().derived(SEAL).stream())
                .findFirst()
                .map(Seal::new);
    }

    List<Jwt.Issuer> issuers() {
        return issuers;
    }

    List<ApiKeys.Entry> apiKeys() {
        return apiKeys.get();
    }

    private static List<ApiKeys.Entry> apiKeys(Path file) {
        return ApiKeys.read(new ConfigSources(List.of()).file(file).settings());
    }

    private KeySource source(IssuerSettings issuer) {
        var all = new ArrayList<KeySource>();
        for (Path file : issuer.keyFiles()) {
            Supplier<KeySet> keys = watched(file, Keys::keys);
            atHand.add(keys);
            all.add(KeySource.of(keys));
        }
        if (!issuer.secret().isEmpty()) {
            KeySet secret = secret(issuer.secret(), issuer.key() + ".secret");
            atHand.add(() -> secret);
            all.add(KeySource.of(() -> secret));
        }
        if (issuer.jwksUrl() != null) {
            all.add(
                    new JwksKeys(
                            issuer.jwksUrl(),
                            new HttpFetch(FETCH_TIMEOUT, MAX_JWKS_BYTES),
                            issuer.jwksRefresh(),
                            nanoTime,
                            this::changed));
        }
        return KeySource.all(all);
    }

    private static KeySet keys(Path file) {
        try {
            return KeySet.read(file);
        } catch (KeyException e) {
            throw invalid(e);
        }
    }

    private static KeySet secret(String text, String setting) {
        try {
            return KeySet.secret(text);
        } catch (KeyException e) {
            throw new BrokerConfigurationException(
                    "setting %s cannot be used: %s".formatted(setting, e.getMessage()), e);
        }
    }

    private static BrokerConfigurationException invalid(KeyException e) {
        return new BrokerConfigurationException(String.valueOf(e.getMessage()), e);
    }

    private static TokenRules rules(IssuerSettings issuer) {
        return new TokenRules(
                issuer.issuer(),
                Set.copyOf(issuer.audience()),
                issuer.leeway(),
                issuer.type() == null ? Set.of() : Set.of(issuer.type()),
                issuer.algorithms());
    }

    @Override
    public void close() {
        issuers.forEach(issuer -> issuer.keys().close());
    }
}
