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

/** The node's one Pub/Sub connection, made again whenever it breaks. */
final class LivePath implements AutoCloseable {
    /*
     * A thread connects, subscribes to all channels of interest, and reads until the connection
     * breaks; others write to it, one at a time. Interest is noted before it is looked whether
     * there is a connection, and a connection is made known before the interests are gone through:
     * so each interest is sent on each connection, at least once.
     *
     * The server answers in order. So once it has answered the PING that follows the SUBSCRIBEs of a
     * new connection, all of them are in force, and what was missed before is in the log: then the
     * listener is told. A PING every second makes a silent connection one that is dead, which the
     * read time-out finds. Who cannot write to it in time, or waits for one who cannot, finds it
     * broken by the watchdog.
     *
     * An answer to an earlier SUBSCRIBE may confirm a later one too soon, if a topic is left and
     * joined within one round trip. What is lost in that moment the tail check finds.
     */
    private static final Logger LOGGER = System.getLogger(LivePath.class.getName());

    private static final Duration PING_PERIOD = Duration.ofSeconds(1);
    private static final Duration FIRST_REST = Duration.ofMillis(50);
    private static final int MAX_DOUBLINGS = 5; // 1.6 s
    private static final int CHANNELS_AT_ONCE = 500;
    private static final int LONGEST_WAIT_AT_END_MILLIS = 10_000;
    private static final byte[] READY = Keys.bytes("ready");

    private final RedisSettings settings;
    private final Keys keys;
    private final Dialer dialer;
    private final Watchdog watchdog;
    private final Listener listener;
    private final ConcurrentHashMap<String, Interest> interests = new ConcurrentHashMap<>();
    private final ReentrantLock writing = new ReentrantLock(); // held to write to the link
    private final CountDownLatch readyOnce = new CountDownLatch(1);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread reader;
    private final Thread pinger;
    private volatile @Nullable Link link;
    private volatile boolean closed;
    private int attempts; // of the reader, since a connection last worked

    /** Who is told. The calls come from one thread, which reads nothing meanwhile. */
    interface Listener {

        /** A message came. */
        void message(String topic, byte[] bytes);

        /** The connection broke. */
        void lost();

        /** There is a new connection, and all subscriptions are in force again. */
        void restored();
    }

    private record Interest(String topic, CountDownLatch confirmed) {}

    LivePath(
            RedisSettings settings,
            Keys keys,
            Dialer dialer,
            Watchdog watchdog,
            Listener listener) {
        this.settings = settings;
        this.keys = keys;
        this.dialer = dialer;
        this.watchdog = watchdog;
        this.listener = listener;
        this.reader =
                Thread.ofPlatform().daemon().name("longwave-redis-live").unstarted(this::serve);
        this.pinger = Thread.ofVirtual().name("longwave-redis-ping").unstarted(this::ping);
    }

    /**
     * Connects.
     *
     * @throws BrokerUnavailableException if that takes too long; to be closed all the same
     */
    void start() {
        reader.start();
        pinger.start();
        await(readyOnce, "connect for live messages");
    }

    /**
     * Subscribes to a topic, and returns once that is in force.
     *
     * @throws BrokerUnavailableException if it is not confirmed in time
     */
    void listen(String topic) {
        String channel = keys.channel(topic);
        var interest = new Interest(topic, new CountDownLatch(1));
        interests.put(channel, interest);
        send(Command.SUBSCRIBE, List.of(channel));
        await(interest.confirmed, "listen");
    }

    /** Ends that; does not wait. */
    void unlisten(String topic) {
        String channel = keys.channel(topic);
        interests.remove(channel);
        send(Command.UNSUBSCRIBE, List.of(channel));
    }

    @Override
    public void close() {
        closed = true;
        closing.countDown();
        reconnect(); // which the reader does not, any more
        boolean interrupted = Thread.interrupted();
        for (Thread thread : List.of(reader, pinger)) {
            if (thread != Thread.currentThread()) { // a sink may close its broker
                try {
                    thread.join(LONGEST_WAIT_AT_END_MILLIS);
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives up the connection there is, and makes another; does not wait. */
    void reconnect() {
        Link current = link;
        if (current != null) {
            current.abort();
        }
    }

    private void serve() {
        while (!closed) {
            try (Link current = dialer.dial(readTimeoutMillis())) {
                link = current;
                if (closed) {
                    return; // whoever closed may not have seen the link
                }
                subscribe(interests.keySet());
                send(new CommandArguments(Command.PING).add(READY));
                while (true) {
                    take(current.getUnflushedObject());
                }
            } catch (JedisException e) {
                if (!closed && Failures.isToBeMended(e)) {
                    LOGGER.log(
                            Level.WARNING,
                            Failures.unavailable("listen", settings, e).getMessage());
                } else if (!closed) {
                    LOGGER.log(Level.DEBUG, "the Pub/Sub connection broke", e);
                }
            } catch (RuntimeException | Error e) { // whatever it is, it listens on
                LOGGER.log(Level.WARNING, "the Pub/Sub connection is given up", e);
            }
            link = null;
            if (!closed) {
                listener.lost();
                rest();
            }
        }
    }

    private void take(@Nullable Object answer) {
        var reply = new Reply(answer);
        if (answer instanceof byte[]) { // to a PING while there is no subscription
            pong(reply.bytes());
            return;
        }
        switch (reply.at(0).text()) {
            case "message" -> message(reply.at(1).utf8(), reply.at(2).bytes());
            case "subscribe" -> confirmed(reply.at(1).utf8());
            case "pong" -> pong(reply.at(1).bytes());
            default -> {} // word of an end
        }
    }

    private void message(String channel, byte[] bytes) {
        Interest interest = interests.get(channel);
        if (interest != null) {
            listener.message(interest.topic, bytes);
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
            attempts = 0; // not at once: what breaks again immediately has to rest longer
        } else {
            if (readyOnce.getCount() == 0) {
                listener.restored();
            }
            readyOnce.countDown();
        }
    }

    private void rest() {
        long longest = FIRST_REST.toMillis() << Math.min(attempts, MAX_DOUBLINGS);
        attempts++;
        try {
            // Not all nodes at once.
            long millis = ThreadLocalRandom.current().nextLong(longest / 2, longest);
            var _ = closing.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            // Nobody interrupts this thread; and then it goes on.
        }
    }

    private void ping() {
        try {
            while (!closing.await(PING_PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
                send(new CommandArguments(Command.PING));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // nobody does; and then the thread ends
        }
    }

    private int readTimeoutMillis() {
        return (int) settings.timeout().plus(PING_PERIOD).toMillis();
    }

    private void subscribe(Collection<String> channels) {
        var some = new ArrayList<String>();
        for (String channel : channels) {
            some.add(channel);
            if (some.size() == CHANNELS_AT_ONCE) {
                send(Command.SUBSCRIBE, some);
                some.clear();
            }
        }
        if (!some.isEmpty()) {
            send(Command.SUBSCRIBE, some);
        }
    }

    private void send(Command command, List<String> channels) {
        var arguments = new CommandArguments(command);
        channels.forEach(channel -> arguments.add(Keys.bytes(channel)));
        send(arguments);
    }

    /** Without a connection this does nothing: the next one begins with all that matters. */
    private void send(CommandArguments command) {
        Link current = link;
        if (current == null) {
            return;
        }
        writing.lock();
        try (var _ = watchdog.watch(current, watchdog.due())) {
            current.send(List.of(command));
        } catch (JedisException e) {
            LOGGER.log(Level.DEBUG, "cannot write to the Pub/Sub connection", e);
            current.abort(); // the reader makes another one
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
