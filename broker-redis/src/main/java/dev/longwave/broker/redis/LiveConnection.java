package dev.longwave.broker.redis;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/** The Pub/Sub connection to one primary, which is replaced whenever it breaks. */
final class LiveConnection {
    /*
     * One thread connects, subscribes to the channels of all topics of interest, and reads until
     * the connection breaks. Other threads write to it, one at a time. A connection is published
     * before the interests are iterated: see LivePath.
     *
     * The server replies in order. When it replies to the PING that follows the SUBSCRIBEs of a new
     * connection, all of them are in effect, and whatever was missed before is in the log: the path
     * is then told. Because of a PING every second, a silent connection is a dead one, which the
     * read time-out detects. The watchdog breaks the connection if a write to it does not finish in
     * time, and so releases the threads that wait to write.
     *
     * `subscribed` has the channels of the current connection that were sent. The server of a
     * cluster ends subscriptions by itself when their slot moves, and refuses those to slots of
     * others: such a channel is not subscribed any more.
     *
     * If a topic is left and joined again within one round trip, the reply to the first SUBSCRIBE
     * may confirm the second one too early. The tail check finds what is lost in that moment.
     */
    private static final Logger LOGGER = System.getLogger(LiveConnection.class.getName());

    private static final Duration PING_PERIOD = Duration.ofSeconds(1);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);
    private static final int MAX_DOUBLINGS = 3; // 400 ms
    private static final long FIRST_CONNECT_MILLIS = 1000;
    private static final int CHANNELS_PER_COMMAND = 500;
    private static final int CLOSE_TIMEOUT_MILLIS = 10_000;
    private static final byte[] READY = Keys.bytes("ready");

    private final Shard shard;
    private final LivePath path;
    private final RedisSettings settings;
    private final Watchdog watchdog;
    private final boolean sharded;
    private final Set<String> subscribed = ConcurrentHashMap.newKeySet();
    private final ReentrantLock writing =
            new ReentrantLock(); // held while writing to the connection
    private final CountDownLatch readyOnce = new CountDownLatch(1);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread reader;
    private final Thread pinger;
    private volatile @Nullable RedisConnection connection;
    private volatile int generation; // of the primary that it is connected to
    private volatile boolean closed;
    private int attempts; // since a connection last worked; confined to the reader, as is the next
    private boolean ready; // whether the present connection is
    private String lastReason = "";

    LiveConnection(Shard shard, LivePath path, RedisSettings settings, Watchdog watchdog) {
        this.shard = shard;
        this.path = path;
        this.settings = settings;
        this.watchdog = watchdog;
        this.sharded = path.hasShardedChannels();
        this.reader =
                Thread.ofPlatform().daemon().name("longwave-redis-live").unstarted(this::serve);
        this.pinger = Thread.ofVirtual().name("longwave-redis-ping").unstarted(this::ping);
    }

    void start() {
        reader.start();
        pinger.start();
    }

    /** {@return what opens once it works} */
    CountDownLatch readyOnce() {
        return readyOnce;
    }

    /** Subscribes to the channels that are not subscribed to, and does not wait. */
    void subscribe(Collection<LivePath.Interest> interests) {
        if (connection == null) {
            return; // the next one starts by subscribing to everything
        }
        sendSubscribe(interests.stream().filter(each -> subscribed.add(each.channel())).toList());
    }

    private void sendSubscribe(List<LivePath.Interest> interests) {
        for (List<String> batch : batches(interests)) {
            send(command(sharded ? Command.SSUBSCRIBE : Command.SUBSCRIBE, batch));
        }
    }

    /** Unsubscribes from a channel, if it is subscribed to, and does not wait. */
    void unsubscribe(LivePath.Interest interest) {
        if (subscribed.remove(interest.channel())) {
            send(
                    command(
                            sharded ? Command.SUNSUBSCRIBE : Command.UNSUBSCRIBE,
                            List.of(interest.channel())));
        }
    }

    /** Replaces the connection if it leads to a server that is no longer the primary. */
    void leaveFormerPrimary() {
        if (generation != shard.pool().generation()) {
            abort();
        }
    }

    /** Ends the connection for good, and does not wait. */
    void stop() {
        closed = true;
        closing.countDown();
        abort(); // ends the reader, as `closed` is set
    }

    boolean hasEnded() {
        return !reader.isAlive() && !pinger.isAlive();
    }

    /** Waits until the threads have ended, after {@link #stop}. */
    void awaitEnd() {
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

    private void abort() {
        RedisConnection current = connection;
        if (current != null) {
            current.abort();
        }
    }

    private void serve() {
        while (!closed) {
            String reason = "the Pub/Sub connection to a server was lost";
            generation = shard.pool().generation(); // first: it may be outdated when connected
            try (RedisConnection current = shard.dial(connectTimeoutMillis())) {
                current.setSoTimeout(readTimeoutMillis());
                subscribed.clear();
                ready = false;
                connection = current;
                if (closed) {
                    return; // stop() may not have seen this connection
                }
                List<LivePath.Interest> interests = path.interestsOf(shard);
                interests.forEach(each -> subscribed.add(each.channel()));
                sendSubscribe(interests); // all, even if another thread has just tried to
                send(new CommandArguments(Command.PING).add(READY));
                while (true) {
                    receive(current);
                }
            } catch (JedisException e) {
                reason = "no Pub/Sub connection to a server: " + Failures.reason(e);
                if (!closed) {
                    report(reason, e);
                }
            } catch (RuntimeException | Error e) { // keep receiving, whatever it is
                LOGGER.log(
                        Level.WARNING,
                        "unexpected failure, reconnecting the Pub/Sub connection",
                        e);
            }
            connection = null;
            shard.pool().distrust(); // what broke this connection has probably broken those, too
            if (!closed) {
                path.lost(reason);
                backOff();
            }
        }
    }

    /** Says once what an operator must do something about. */
    private void report(String reason, JedisException e) {
        if (Failures.needsOperator(e) && !reason.equals(lastReason)) {
            LOGGER.log(
                    Level.WARNING,
                    Failures.unavailable("receive live messages", settings, e).getMessage());
        } else {
            LOGGER.log(Level.DEBUG, "the Pub/Sub connection broke", e);
        }
        lastReason = reason;
    }

    private void receive(RedisConnection current) {
        Object value;
        try {
            value = current.getUnflushedObject();
        } catch (JedisRedirectionException e) { // the slot of a channel is served elsewhere
            forgetSlot(e.getSlot());
            return;
        } catch (JedisDataException e) {
            if (Failures.isPassing(e)) { // the channel of a slot that nobody serves now
                throw new JedisException("subscriptions are refused for now", e);
            }
            throw e;
        }
        var reply = new Reply(value);
        if (value instanceof byte[]) { // the reply to a PING while nothing is subscribed
            pong(reply.bytes());
            return;
        }
        switch (reply.at(0).text()) {
            case "message", "smessage" -> path.message(reply.at(1).utf8(), reply.at(2).bytes());
            case "subscribe", "ssubscribe" -> path.confirmed(reply.at(1).utf8(), !ready);
            case "pong" -> pong(reply.at(1).bytes());
            case "sunsubscribe" -> ended(reply.at(1));
            default -> {} // confirms an UNSUBSCRIBE
        }
    }

    private void ended(Reply channel) {
        if (!channel.isNothing() && subscribed.remove(channel.utf8())) {
            path.moved(channel.utf8());
        }
    }

    private void forgetSlot(int slot) {
        for (LivePath.Interest interest : path.interestsOf(shard)) {
            if (Keys.slot(interest.bucket()) == slot && subscribed.remove(interest.channel())) {
                path.moved(interest.channel());
            }
        }
    }

    private void pong(byte[] text) {
        if (!Arrays.equals(text, READY)) {
            attempts = 0; // not before: a connection that breaks at once must back off further
            lastReason = "";
        } else {
            ready = true;
            if (readyOnce.getCount() == 0) {
                path.restored();
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

    private int connectTimeoutMillis() {
        // A server that comes back is found sooner, but it may be slow rather than away.
        long most = FIRST_CONNECT_MILLIS << Math.min(attempts, MAX_DOUBLINGS);
        return (int) Math.min(settings.timeout().toMillis(), most);
    }

    private int readTimeoutMillis() {
        return (int) settings.timeout().plus(PING_PERIOD).toMillis();
    }

    /** In a cluster, all channels of one command must be of one slot. */
    private List<List<String>> batches(List<LivePath.Interest> interests) {
        Map<Integer, List<String>> groups =
                interests.stream()
                        .collect(
                                Collectors.groupingBy(
                                        each -> sharded ? each.bucket() : 0,
                                        Collectors.mapping(
                                                LivePath.Interest::channel, Collectors.toList())));
        var batches = new ArrayList<List<String>>();
        for (List<String> group : groups.values()) {
            for (int from = 0; from < group.size(); from += CHANNELS_PER_COMMAND) {
                int to = Math.min(group.size(), from + CHANNELS_PER_COMMAND);
                batches.add(group.subList(from, to));
            }
        }
        return batches;
    }

    private static CommandArguments command(Command command, List<String> channels) {
        var arguments = new CommandArguments(command);
        channels.forEach(channel -> arguments.add(Keys.bytes(channel)));
        return arguments;
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
}
