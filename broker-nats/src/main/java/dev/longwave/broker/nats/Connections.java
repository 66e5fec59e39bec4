package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerUnavailableException;
import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Consumer;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Connects to the servers as the settings say. */
final class Connections {
    /*
     * What differs from the library's defaults, and why. It never gives up reconnecting, and begins
     * at once. It holds back nothing that is published while it is not connected: that would go out
     * after the publisher was told that it failed. It notices within seconds that a server is
     * silent, for its clients wait all the while. Requests that wait together are written together.
     */
    private static final Logger LOGGER = System.getLogger(Connections.class.getName());

    private static final Duration RECONNECT_WAIT = Duration.ofMillis(250);
    private static final int MAX_PINGS_OUT = 2;
    private static final Duration IDLE = Duration.ofMillis(100);

    /** What becomes of the connection. Called by a thread of the library; must not block. */
    interface Listener {

        /** It is lost. The library tries to restore it. */
        void lost();

        /** It is there again, with all subscriptions. */
        void restored();

        /** Messages came faster than they were handled, and some of them were dropped. */
        void dropped();

        /** It is lost for good, as the servers refuse the login. */
        void refused();
    }

    private Connections() {}

    /**
     * {@return a connection, which is there}
     *
     * @throws BrokerConfigurationException if the servers refuse the login, or a file is not there
     * @throws BrokerUnavailableException if they cannot be reached
     */
    static Connection open(NatsSettings settings, String node, Listener listener) {
        Options options = options(settings, node, listener);
        try {
            return Nats.connect(options);
        } catch (AuthenticationException e) {
            throw new BrokerConfigurationException(
                    "the servers refuse the login, see broker.nats.user, token, credentials-file"
                            + " and nkey-file servers="
                            + settings.addresses(),
                    e);
        } catch (IOException _) {
            // Its message holds the addresses, and these a password.
            throw new BrokerUnavailableException(
                    "cannot connect servers=%s timeout=%s"
                            .formatted(settings.addresses(), settings.timeout()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException(
                    "interrupted while connecting servers=" + settings.addresses(), e);
        }
    }

    private static Options options(NatsSettings settings, String node, Listener listener) {
        String name = "longwave-" + node;
        var builder =
                new Options.Builder()
                        .servers(settings.servers().toArray(String[]::new))
                        .connectionName(name)
                        .inboxPrefix(settings.inboxPrefix() + '.')
                        .connectionTimeout(settings.timeout())
                        .maxReconnects(-1)
                        .reconnectWait(RECONNECT_WAIT)
                        .reconnectBufferSize(0)
                        .pingInterval(settings.pingInterval())
                        .maxPingsOut(MAX_PINGS_OUT)
                        .reportNoResponders()
                        .dontForceFlushOnRequest()
                        .callbackExecutor(oneThread(name + ":callback"))
                        .connectExecutor(oneThread(name + ":connect"))
                        .connectionListener(new Events(listener))
                        .errorListener(new Errors(listener));
        try {
            login(builder, settings.login());
            tls(builder, settings.tls());
            return builder.build();
        } catch (IOException | GeneralSecurityException | IllegalStateException e) {
            throw new BrokerConfigurationException(
                    "a key store or a file with credentials cannot be used: " + causes(e), e);
        }
    }

    private static void login(Options.Builder builder, NatsSettings.Login login)
            throws IOException {
        login.user()
                .ifPresent(user ->
                        builder.userInfo(
                                user.toCharArray(), login.password().orElseThrow().toCharArray()));
        login.token().ifPresent(token -> builder.token(token.toCharArray()));
        if (login.credentialsFile().isPresent()) {
            Path file = readable(login.credentialsFile().get());
            builder.authHandler(Nats.credentials(file.toString()));
        }
        if (login.nkeyFile().isPresent()) {
            Path file = readable(login.nkeyFile().get());
            char[] seed = Files.readString(file, StandardCharsets.US_ASCII).strip().toCharArray();
            builder.authHandler(new NkeyLogin(seed));
        }
    }

    private static void tls(Options.Builder builder, NatsSettings.Tls tls)
            throws IOException, GeneralSecurityException {
        if (tls.trustStore().isPresent() || tls.keyStore().isPresent()) {
            builder.sslContext(KeyStores.context(tls));
        }
        if (tls.first()) {
            builder.tlsFirst();
        }
    }

    private static Path readable(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException("cannot be read file=" + file);
        }
        return file;
    }

    private static String causes(Throwable e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return String.valueOf(cause.getMessage());
    }

    /** {@return an executor of one thread, which ends by itself: the library ends only its own} */
    private static ExecutorService oneThread(String name) {
        return new ThreadPoolExecutor(
                0,
                1,
                IDLE.toMillis(),
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name(name).factory());
    }

    /** Tells of the connection. */
    private record Events(Listener listener) implements ConnectionListener {

        @Override
        @SuppressWarnings("deprecation") // the library's interface has no other abstract method
        public void connectionEvent(Connection connection, ConnectionListener.Events event) {
            LOGGER.log(Level.DEBUG, "connection event={0}", event);
            switch (event) {
                case DISCONNECTED -> listener.lost();
                case RESUBSCRIBED -> listener.restored();
                case CLOSED -> listener.refused();
                case CONNECTED, RECONNECTED, DISCOVERED_SERVERS, LAME_DUCK -> {}
            }
        }
    }

    /** Tells of what went wrong. */
    private record Errors(Listener listener) implements ErrorListener {

        @Override
        public void errorOccurred(Connection connection, String error) {
            LOGGER.log(Level.WARNING, "the server says: {0}", error);
        }

        @Override
        public void exceptionOccurred(Connection connection, Exception e) {
            LOGGER.log(Level.DEBUG, "connection trouble", e);
        }

        @Override
        public void slowConsumerDetected(Connection connection, Consumer consumer) {
            listener.dropped();
        }
    }
}
