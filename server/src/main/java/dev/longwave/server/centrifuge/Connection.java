package dev.longwave.server.centrifuge;

import dev.longwave.core.CloseReason;
import dev.longwave.core.Event;
import dev.longwave.core.Outbox;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.session.Standing;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One client, over whichever transport: takes its commands, and answers them by its outbox.
 *
 * <p>{@link #receive} is for any thread but the one that serves the outbox. The rest says for
 * itself.
 */
final class Connection {
    /*
     * `commands` is held while what a client sent at once is handled, which may take as long as a broker does. Nothing
     * else needs it: rights that end, pings and the end of the connection do not wait for a command.
     */
    /** How many requests of one client may be handled or wait. */
    static final int MAX_PENDING = 16;

    private static final Duration STALE = Duration.ofSeconds(10);
    private static final int MAX_ANSWERS_BYTES = 64 << 10;
    private static final int MAX_UNANSWERED_PINGS = 2;
    private static final byte[] PING = {'{', '}'};
    private static final System.Logger LOGGER = System.getLogger(Connection.class.getName());

    final Services services;
    final Timers timers;
    final Outbox<?> outbox;
    final Transport transport;
    final Subscriptions subscriptions;
    final String id;
    final String session;

    private final Identity opener;
    private final Standing standing;
    private final ReentrantLock commands = new ReentrantLock(true);
    private final Commands handler = new Commands(this);
    private volatile Future<?> stale;
    private volatile Identity client;
    private volatile @Nullable String info;
    private volatile boolean connected;
    private volatile boolean heard;
    private volatile @Nullable Disconnect disconnect;
    private int unansweredPings; // for the thread that owns the outbox
    private Runnable counted; // guarded by commands
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();

    /**
     * Begins.
     *
     * @param opener who has opened it
     * @param id names it to other clients
     * @param session names it to its own client, and is a secret
     * @throws ProblemException if the client has too many
     */
    Connection(
            Services services,
            Timers timers,
            Outbox<?> outbox,
            Transport transport,
            Identity opener,
            String id,
            String session) {
        this.counted = opener.countStream();
        this.services = services;
        this.timers = timers;
        this.outbox = outbox;
        this.transport = transport;
        this.opener = opener;
        this.client = opener;
        this.standing = new Standing(opener.credential());
        this.id = id;
        this.session = session;
        this.subscriptions =
                new Subscriptions(
                        services.hub(),
                        outbox,
                        transport,
                        services.settings().maxChannels(),
                        this::close);
        this.stale = timers.after(STALE, this::closeIfStale);
    }

    /** A client whose command is being handled, on a busy server perhaps, has done its part. */
    private void closeIfStale() {
        if (connected) {
            return;
        }
        if (commands.isLocked()) {
            stale = timers.after(STALE, this::closeIfStale);
        } else {
            close(Disconnect.STALE);
        }
    }

    /** {@return by what right the client listens} */
    Standing standing() {
        return standing;
    }

    /** {@return who the client is at the moment} */
    Identity client() {
        return client;
    }

    /** {@return whether it has said connect} */
    boolean connected() {
        return connected;
    }

    /**
     * Its client is {@code newer} from now on. Under the lock of commands.
     *
     * @throws ProblemException if that is not accepted any more, or has too many connections
     */
    void identify(Identity newer) {
        newer.checkSubscribe(List.of());
        Runnable closed = newer.countStream();
        counted.run();
        counted = closed;
        client = newer;
        standing.renew(newer.credential());
        if (!newer.holds(List.of())) { // it may have been revoked before it was in its place
            throw Disconnect.INVALID_TOKEN.exception();
        }
    }

    /**
     * {@return whose {@code token} is}
     *
     * @throws DisconnectException if it is nobody's
     * @throws CommandException if it has expired, or cannot be checked now
     */
    Identity identified(String token) {
        try {
            Identity identity = services.access().identify(token, opener);
            identity.checkSubscribe(List.of());
            return identity;
        } catch (ProblemException e) {
            services.refused().accept(e.problem());
            CommandException refused = ErrorCode.of(e);
            if (refused.error() == ErrorCode.TOKEN_EXPIRED || refused.error().temporary()) {
                throw refused;
            }
            LOGGER.log(System.Logger.Level.DEBUG, "a token is not accepted: {0}", e.getMessage());
            throw Disconnect.INVALID_TOKEN.exception();
        }
    }

    /** The client is connected from now on. */
    void connect() {
        connected = true;
        stale.cancel(false);
    }

    /**
     * Handles what the client has sent at once: commands, one a line.
     *
     * @param wait whether to wait until the client has read what it was answered before
     */
    void receive(byte[] lines, boolean wait) {
        heard = true;
        commands.lock();
        try {
            handle(lines, wait);
        } finally {
            commands.unlock();
        }
    }

    /**
     * The same for what came with a request, of which some may be waiting for their turn.
     *
     * @return whether it was handled, rather than refused as there are too many
     */
    boolean receiveWithRequest(byte[] lines) {
        if (pending.incrementAndGet() > MAX_PENDING) {
            pending.decrementAndGet();
            return false;
        }
        try {
            receive(lines, true);
            return true;
        } finally {
            pending.decrementAndGet();
        }
    }

    private void handle(byte[] lines, boolean wait) {
        var answers = new Answers(subscriptions);
        @Nullable Disconnect end = null;
        try {
            int from = 0;
            while (from < lines.length && outbox.closeReason() == null) {
                int to = lineEnd(lines, from);
                if (JsonGrammar.spaceEnd(lines, from, to) < to) {
                    if (wait) {
                        awaitRoom(answers);
                    }
                    handler.handle(Command.parse(lines, from, to), answers);
                }
                from = to + 1;
            }
        } catch (DisconnectException e) {
            end = e.why();
        } finally {
            answers.flush(); // or what was begun would stay open
        }
        if (end != null) {
            close(end);
        }
    }

    private static int lineEnd(byte[] lines, int from) {
        int to = from;
        while (to < lines.length && lines[to] != '\n') {
            to++;
        }
        return to;
    }

    /** A client must not be able to ask for more than it reads. */
    private void awaitRoom(Answers answers) {
        if (answers.length() > MAX_ANSWERS_BYTES) {
            answers.flush();
        }
        try {
            if (!outbox.awaitRoom(MAX_ANSWERS_BYTES, STALE)) {
                throw Disconnect.SLOW.exception();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the server stops
            throw Disconnect.SHUTDOWN.exception();
        }
    }

    /** Ends it, and tells the client why. Any thread; the first reason counts. */
    void close(Disconnect why) {
        synchronized (this) {
            if (disconnect == null) {
                disconnect = why;
            }
        }
        outbox.close(CloseReason.CLIENT_FAULT);
    }

    /** {@return what the client is told of a stream that was closed for {@code reason}} */
    Disconnect disconnect(CloseReason reason) {
        Disconnect own = disconnect;
        return own != null && reason == CloseReason.CLIENT_FAULT
                ? own
                : Disconnect.of(reason, client.holds(List.of()));
    }

    /**
     * {@return whether the client may have the connection} Topics that it may not have any more are
     * ended on the way. Any thread; does not block.
     */
    boolean holds() {
        Identity present = client;
        if (!present.holds(List.of())) {
            return false;
        }
        subscriptions.endThoseWithoutRight(present, services.clock().instant());
        return true;
    }

    /** Sets what others are told of the client, a JSON text. */
    void describe(String text) {
        info = text;
    }

    /** {@return what others are told of the client, a JSON text; null for nothing} */
    @Nullable String info() {
        String ofToken = client.info();
        return ofToken != null ? ofToken : info;
    }

    /** {@return a ping, as a JSON text} For the thread that owns the outbox. */
    byte[] ping() {
        if (heard) {
            heard = false;
            unansweredPings = 0;
        }
        if (connected && transport.wantsPongs() && ++unansweredPings > MAX_UNANSWERED_PINGS) {
            close(Disconnect.NO_PONG);
        }
        return PING;
    }

    /** See {@link Subscriptions#admits}. */
    boolean admits(Event event) {
        return subscriptions.admits(event);
    }

    /** See {@link Subscriptions#bytesTaken}. */
    void bytesTaken() {
        subscriptions.bytesTaken();
    }

    /** It is over: gives back what it has. Waits for a command that is being handled. */
    void end() {
        if (over.getAndSet(true)) {
            return;
        }
        stale.cancel(false);
        subscriptions.close();
        commands.lock();
        try {
            counted.run();
            counted = () -> {};
        } finally {
            commands.unlock();
        }
    }
}
