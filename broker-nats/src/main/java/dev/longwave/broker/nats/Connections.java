package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerUnavailableException;
import io.nats.client.AuthHandler;
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
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;

/** Connects to the servers with the options that the settings ask for. */
final class Connections {
    /*
     * How the options differ from the library's defaults, and why. The library never gives up
     * reconnecting, and starts at once. It does not buffer what is published while it is not
     * connected: that would be sent after the publisher was told that it failed. It notices within
     * seconds that a server is silent, because clients wait meanwhile. Requests that are made
     * together are written together. Malformed headers are repaired: see HeaderBlock.
     */
    private static final Logger LOGGER = System.getLogger(Connections.class.getName());

    private static final Duration RECONNECT_WAIT = Duration.ofMillis(250);
    private static final int MAX_PINGS_OUT = 2;
    private static final Duration IDLE = Duration.ofMillis(100);

    private Connections() {}

    /**
     * {@return an open connection}
     *
     * @throws BrokerConfigurationException if the servers refuse the login, or a file is missing
     * @throws BrokerUnavailableException if they cannot be reached
     */
    static Connection open(NatsSettings settings, String node, ConnectionEvents events) {
        String name = "longwave-" + node;
        ExecutorService callbacks = oneThread(name + ":callback");
        var errors = new ErrorCollector(events);
        Options options = options(settings, name, callbacks, events, errors);
        try {
            Connection connection = Nats.connect(options);
            errors.connected();
            return connection;
        } catch (AuthenticationException e) {
            throw new BrokerConfigurationException(
                    "the servers refuse the login: check broker.nats.user, token,"
                            + " credentials-file, and nkey-file servers="
                            + settings.addresses(),
                    e);
        } catch (IOException _) {
            // Its message contains the addresses, possibly with a password, and no reason.
            throw failure(settings, options, errors.reasons(callbacks, settings.timeout()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException(
                    "interrupted while connecting servers=" + settings.addresses(), e);
        }
    }

    private static BrokerException failure(
            NatsSettings settings, Options options, List<Exception> reasons) {
        String why =
                reasons.stream()
                        .map(Connections::text)
                        .distinct()
                        .collect(Collectors.joining("; "));
        String facts = " servers=%s timeout=%s".formatted(settings.addresses(), settings.timeout());
        if (reasons.stream().anyMatch(SSLException.class::isInstance)) {
            return new BrokerConfigurationException(
                    "TLS with the servers failed: check broker.nats.trust-store, key-store, and"
                            + " tls-first: "
                            + why
                            + facts);
        }
        return new BrokerUnavailableException(
                "cannot connect"
                        + (why.isEmpty() ? "" : ": " + why)
                        + advice(options, reasons)
                        + facts);
    }

    private static String text(Exception reason) {
        String message = reason.getMessage();
        return switch (reason) {
            case UnknownHostException _ -> "unknown host";
            case TimeoutException _ -> "no answer in time";
            default -> message == null ? reason.getClass().getSimpleName() : message;
        };
    }

    /**
     * Whether a server waited for TLS, or gave up waiting and closed the connection, without a
     * word.
     */
    private static boolean isSilence(Exception reason) {
        String message = reason.getMessage();
        return reason instanceof TimeoutException
                || (message != null && message.contains("initial info message")); // jnats' words
    }

    /**
     * {@return a hint where the library knows no reason: servers just close the connection, or
     * wait}
     */
    private static String advice(Options options, List<Exception> reasons) {
        if (!(options.getSslContext() instanceof HostnameCheckedTls tls)) {
            return "";
        }
        return switch (tls.certificate().asked()) {
            case NO -> {
                boolean silent = reasons.stream().anyMatch(Connections::isSilence);
                yield silent && !options.isTlsFirst()
                        ? "; servers with handshake_first need broker.nats.tls-first"
                        : "";
            }
            case NONE_SUITABLE ->
                    "; a server asked for a certificate, and broker.nats.key-store has no suitable"
                            + " one";
            case SENT -> "; a server may not trust the certificate in broker.nats.key-store";
        };
    }

    private static Options options(
            NatsSettings settings,
            String name,
            ExecutorService callbacks,
            ConnectionEvents events,
            ErrorCollector errors) {
        var names = new ServerNames();
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
                        .dataPortType(HeaderRepairingPort.class.getName())
                        .serverPool(names)
                        .callbackExecutor(callbacks)
                        .connectExecutor(oneThread(name + ":connect"))
                        .connectionListener(new StateForwarder(events))
                        .errorListener(errors);
        try {
            login(builder, settings.login());
            tls(builder, settings, names);
            return builder.build();
        } catch (IOException | GeneralSecurityException | IllegalStateException e) {
            throw new BrokerConfigurationException(
                    "a key store or a file with credentials cannot be used: " + e.getMessage(), e);
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
            builder.authHandler(credentials(file));
        }
        if (login.nkeyFile().isPresent()) {
            Path file = readable(login.nkeyFile().get());
            char[] seed = Files.readString(file, StandardCharsets.ISO_8859_1).strip().toCharArray();
            builder.authHandler(new NkeyLogin(seed));
        }
    }

    /** {@return a login that reads the file each time, so that the file can be replaced} */
    private static AuthHandler credentials(Path file) {
        AuthHandler handler = Nats.credentials(file.toString());
        try {
            handler.getID();
            if (handler.getJWT().length > 0) {
                return handler;
            }
        } catch (RuntimeException _) {
            // Its message may quote the file.
        }
        throw new IllegalStateException(
                "broker.nats.credentials-file contains no JWT with an NKey seed file=" + file);
    }

    private static void tls(Options.Builder builder, NatsSettings settings, ServerNames names)
            throws GeneralSecurityException {
        if (settings.wantsTls()) {
            builder.sslContext(HostnameCheckedTls.create(settings.tls(), names::nameOf));
        }
        if (settings.tls().first()) {
            builder.tlsFirst();
        }
    }

    private static Path readable(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException("cannot be read file=" + file);
        }
        return file;
    }

    /** {@return an executor with one thread, which ends when idle: the library does not end it} */
    private static ExecutorService oneThread(String name) {
        return new ThreadPoolExecutor(
                0,
                1,
                IDLE.toMillis(),
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name(name).factory());
    }

    /** Passes on changes of the connection's state. */
    private record StateForwarder(ConnectionEvents events) implements ConnectionListener {

        @Override
        @SuppressWarnings("deprecation") // the library's interface has no other abstract method
        public void connectionEvent(Connection connection, ConnectionListener.Events event) {
            LOGGER.log(Level.DEBUG, "connection event={0}", event);
            switch (event) {
                case DISCONNECTED -> events.disconnected();
                case RESUBSCRIBED -> events.reconnected();
                case CLOSED -> events.loginRefused();
                case CONNECTED, RECONNECTED, DISCOVERED_SERVERS, LAME_DUCK -> {}
            }
        }
    }

    /** Logs errors, and collects them until there is a connection. */
    private static final class ErrorCollector implements ErrorListener {

        private static final int KEPT = 16;

        private final ConnectionEvents events;
        // Added to by the single thread of callbacks, until there is a connection.
        private final Queue<Exception> reasons = new ConcurrentLinkedQueue<>();
        private volatile boolean connected;

        ErrorCollector(ConnectionEvents events) {
            this.events = events;
        }

        void connected() {
            connected = true;
            reasons.clear();
        }

        /** {@return why there is no connection, once all pending callbacks have run} */
        List<Exception> reasons(ExecutorService callbacks, Duration timeout) {
            try {
                callbacks.submit(() -> {}).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException e) {
                LOGGER.log(Level.DEBUG, "not all callbacks have run", e);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            return List.copyOf(reasons);
        }

        @Override
        public void errorOccurred(Connection connection, String error) {
            // A violation of permissions would be repeated with each message.
            boolean known = Denials.parse(error).isPresent();
            LOGGER.log(known ? Level.DEBUG : Level.WARNING, "the server says: {0}", error);
            events.errorReported(error);
            keep(new IOException("the server says: " + error));
        }

        @Override
        public void exceptionOccurred(Connection connection, Exception e) {
            LOGGER.log(Level.DEBUG, "connection error", e);
            keep(e.getCause() instanceof Exception cause ? cause : e);
        }

        private void keep(Exception reason) {
            if (!connected && reasons.size() < KEPT) {
                reasons.add(reason);
            }
        }

        @Override
        public void slowConsumerDetected(Connection connection, Consumer consumer) {
            if (!EphemeralPath.owns(consumer)) {
                events.messagesDropped();
            }
        }
    }
}
