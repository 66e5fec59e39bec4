package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerUnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;

/** The node's single Pub/Sub connection, which is replaced whenever it breaks. */
final class LivePath implements AutoCloseable {
    /*
     * One thread connects, subscribes to the channels of all topics of interest, and reads until
     * the connection breaks. Other threads write to it, one at a time. A topic is added to
     * `interests` before the current connection is read, and a connection is published before
     * `interests` is iterated: each interest is therefore sent at least once on each connection.
     *
     * The server replies in order. When it replies to the PING that follows the SUBSCRIBEs of a new
     * connection, all of them are in effect, and whatever was missed before is in the log: the
     * handler is then told. Because of a PING every second, a silent connection is a dead one,
     * which the read time-out detects. The watchdog breaks the connection if a write to it does not
     * finish in time, and so releases the threads that wait to write.
     *
     * If a topic is left and joined again within one round trip, the reply to the first SUBSCRIBE
     * may confirm the second one too early. The tail check finds what is lost in that moment.
     */
    private static final Logger LOGGER = System.getLogger(LivePath.class.getName());

    private static final Duration PING_PERIOD = Duration.ofSeconds(1);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);
    private static final int MAX_DOUBLINGS = 5; // 1.6 s
    private static final int CHANNELS_PER_COMMAND = 500;
    private static final int CLOSE_TIMEOUT_MILLIS = 10_000;
    private static final byte[] READY = Keys.bytes("ready");

    private final RedisSettings settings;
    private final Keys keys;
    private final Connector connector;
    private final Watchdog watchdog;
    private final Handler handler;
    private final ConcurrentHashMap<String, Interest> interests = new ConcurrentHashMap<>();
    private final ReentrantLock writing =
            new ReentrantLock(); // held while writing to the connection
    private final CountDownLatch readyOnce = new CountDownLatch(1);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread reader;
    private final Thread pinger;
    private volatile @Nullable RedisConnection connection;
    private volatile boolean closed;
    private int attempts; // since a connection last worked; confined to the reader

    /** Receives messages and state changes, on one thread, which reads nothing meanwhile. */
    interface Handler {

        /** A message arrived. */
        void message(String topic, byte[] bytes);

        /** The connection broke, for this reason. */
        void lost(String reason);

        /** There is a new connection, and all subscriptions are in effect again. */
        void restored();
    }

    private record Interest(String topic, CountDownLatch confirmed) {}

    LivePath(
            RedisSettings settings,
            Keys keys,
            Connector connector,
            Watchdog watchdog,
            Handler handler) {
        this.settings = settings;
        this.keys = keys;
        this.connector = connector;
        this.watchdog = watchdog;
        this.handler = handler;
        this.reader =
                Thread.ofPlatform().daemon().name("longwave-redis-live").unstarted(this::serve);
        this.pinger = Thread.ofVirtual().name("longwave-redis-ping").unstarted(this::ping);
    }

    /**
     * Connects.
     *
     * @throws BrokerUnavailableException if that takes too long; {@link #close} must be called
     *     nevertheless
     */
    void start() {
        reader.start();
        pinger.start();
        await(readyOnce, "open the Pub/Sub connection");
    }

    /**
     * Subscribes to the channel of a topic, and returns once the server has confirmed it.
     *
     * @throws BrokerUnavailableException if it is not confirmed in time
     */
    void listen(String topic) {
        String channel = keys.channel(topic);
        var interest = new Interest(topic, new CountDownLatch(1));
        interests.put(channel, interest);
        send(Command.SUBSCRIBE, List.of(channel));
        await(interest.confirmed, "subscribe to the channel of a topic");
    }

    /** Unsubscribes from the channel of a topic, and does not wait. */
    void unlisten(String topic) {
        String channel = keys.channel(topic);
        interests.remove(channel);
        send(Command.UNSUBSCRIBE, List.of(channel));
    }

    @Override
    public void close() {
        closed = true;
        closing.countDown();
        reconnect(); // ends the reader, as `closed` is set
        boolean interrupted = Thread.interrupted();
        for (Thread thread : List.of(reader, pinger)) {
            if (thread != Thread.currentThread()) { // a sink may close its broker
                try {
                    thread.join(CLOSE_TIMEOUT_MILLIS);
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Replaces the current connection by a new one, and does not wait. */
    void reconnect() {
        RedisConnection current = connection;
        if (current != null) {
            current.abort();
        }
    }

    private void serve() {
        while (!closed) {
            String reason = "the Pub/Sub connection to the server was lost";
            try (RedisConnection current = connector.connect(readTimeoutMillis())) {
                connection = current;
                if (closed) {
                    return; // close() may not have seen this connection
                }
                subscribe(interests.keySet());
                send(new CommandArguments(Command.PING).add(READY));
                while (true) {
                    receive(current.getUnflushedObject());
                }
            } catch (JedisException e) {
                reason = "no Pub/Sub connection to the server: " + Failures.reason(e);
                if (!closed && Failures.needsOperator(e)) {
                    LOGGER.log(
                            Level.WARNING,
                            Failures.unavailable("receive live messages", settings, e)
                                    .getMessage());
                } else if (!closed) {
                    LOGGER.log(Level.DEBUG, "the Pub/Sub connection broke", e);
                }
            } catch (RuntimeException | Error e) { // keep receiving, whatever it is
                LOGGER.log(
                        Level.WARNING,
                        "unexpected failure, reconnecting the Pub/Sub connection",
                        e);
            }
            connection = null;
            if (!closed) {
                handler.lost(reason);
                backOff();
            }
        }
    }

    private void receive(@Nullable Object value) {
        var reply = new Reply(value);
        if (value instanceof byte[]) { // the reply to a PING while nothing is subscribed
            pong(reply.bytes());
            return;
        }
        switch (reply.at(0).text()) {
            case "message" -> message(reply.at(1).utf8(), reply.at(2).bytes());
            case "subscribe" -> confirmed(reply.at(1).utf8());
            case "pong" -> pong(reply.at(1).bytes());
            default -> {} // confirms an UNSUBSCRIBE
        }
    }

    private void message(String channel, byte[] bytes) {
        Interest interest = interests.get(channel);
        if (interest != null) {
            handler.message(interest.topic, bytes);
        }
    }

    private void confirmed(String channel) {
        Interest interest = interests.get(channel);
        if (interest != null) {
            interest.confirmed.countDown();
        }
    }

    private void pong(byte[] text) {
        if (!Arrays.equals(text, READY)) {
            attempts = 0; // not before: a connection that breaks at once must back off further
        } else {
            if (readyOnce.getCount() == 0) {
                handler.restored();
            }
            readyOnce.countDown();
        }
    }

    private void backOff() {
        long longest = FIRST_BACKOFF.toMillis() << Math.min(attempts, MAX_DOUBLINGS);
        attempts++;
        try {
            // Random, so that not all nodes connect at once.
            long millis = ThreadLocalRandom.current().nextLong(longest / 2, longest);
            var _ = closing.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            // Nobody interrupts this thread; if so, it goes on.
        }
    }

    private void ping() {
        try {
            while (!closing.await(PING_PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
                send(new CommandArguments(Command.PING));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // nobody interrupts this thread; if so, it ends
        }
    }

    private int readTimeoutMillis() {
        return (int) settings.timeout().plus(PING_PERIOD).toMillis();
    }

    private void subscribe(Collection<String> channels) {
        var batch = new ArrayList<String>();
        for (String channel : channels) {
            batch.add(channel);
            if (batch.size() == CHANNELS_PER_COMMAND) {
                send(Command.SUBSCRIBE, batch);
                batch.clear();
            }
        }
        if (!batch.isEmpty()) {
            send(Command.SUBSCRIBE, batch);
        }
    }

    private void send(Command command, List<String> channels) {
        var arguments = new CommandArguments(command);
        channels.forEach(channel -> arguments.add(Keys.bytes(channel)));
        send(arguments);
    }

    /** Does nothing without a connection: the next one starts by subscribing to everything. */
    private void send(CommandArguments command) {
        RedisConnection current = connection;
        if (current == null) {
            return;
        }
        writing.lock();
        try (var _ = watchdog.watch(current, watchdog.deadline())) {
            current.send(List.of(command));
        } catch (JedisException e) {
            LOGGER.log(Level.DEBUG, "cannot write to the Pub/Sub connection", e);
            current.abort(); // the reader opens another one
        } finally {
            writing.unlock();
        }
    }

    private void await(CountDownLatch latch, String attempt) {
        try {
            if (latch.await(settings.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("cannot " + attempt + ", interrupted", e);
        }
        throw new BrokerUnavailableException(
                "cannot %s, no answer in time server=%s timeout=%s"
                        .formatted(attempt, settings.address(), settings.timeout()));
    }
}
