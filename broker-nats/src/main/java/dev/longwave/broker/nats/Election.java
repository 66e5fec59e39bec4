package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Finds out which node puts messages in order, and has this one do it if nobody else does. */
final class Election implements AutoCloseable {
    /*
     * Who rules says so four times a second. A node that has not heard the ruler for SILENCE rules
     * itself, in a reign with the next term; whoever hears of a later reign follows it, and no node
     * ever goes back to an earlier one. A ruler that loses its connection has ruled, and one that
     * closes says so: the others need not wait.
     *
     * Two at once. A ruler may order only as long as its own word came back from the servers, and
     * was sent less than LEASE ago. SILENCE is longer than that and begins later, when the word
     * arrives: so all others wait until the old ruler, be it frozen, cut off, or just slow, has
     * stopped by itself. This needs clocks that run equally fast, and that the word of the ruler
     * reaches all nodes. Where it does not, as when the servers themselves are divided, there are
     * two for a while, each with positions of an epoch of its own. Then nothing is mixed up: nodes
     * that change over see the new epoch, and tell of a gap.
     *
     * `current` only ever grows, whichever thread hears of a reign. All that makes or ends an
     * Orderer is done by the one thread of `work`.
     */
    private static final Logger LOGGER = System.getLogger(Election.class.getName());

    private static final Duration BEAT = Duration.ofMillis(250);
    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final Duration SILENCE = Duration.ofSeconds(3);
    private static final Duration SPREAD = Duration.ofMillis(300); // lest all begin at once
    private static final Duration FIND_PATIENCE = Duration.ofSeconds(1);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);
    private static final String FAREWELL = "bye";

    private final Connection connection;
    private final Requests requests;
    private final CoreSubjects subjects;
    private final InstantSource clock;
    private final Duration keep;
    private final Runnable onChange;
    private final ScheduledThreadPoolExecutor work;
    private final Dispatcher dispatcher;
    private final CompletableFuture<Void> settled = new CompletableFuture<>();

    private final AtomicReference<@Nullable Reign> current = new AtomicReference<>();
    private @Nullable Orderer mine; // for the thread of `work`
    private volatile boolean connected = true;
    private volatile long ruleAt; // by System.nanoTime(), unless a ruler is heard before
    private volatile @Nullable Lease lease;

    /** How long ago the word of this node's reign was sent that came back last. */
    private record Lease(Reign reign, long sentAt) {}

    /**
     * @param clock the time that messages are given
     * @param keep for how long at least an orderer knows where a topic ended
     * @param onChange called when another reign has begun, by any thread; does not block
     */
    Election(
            Connection connection,
            Requests requests,
            CoreSubjects subjects,
            InstantSource clock,
            Duration keep,
            Runnable onChange) {
        this.connection = connection;
        this.requests = requests;
        this.subjects = subjects;
        this.clock = clock;
        this.keep = keep;
        this.onChange = onChange;
        var factory = Thread.ofVirtual().name("longwave-nats-election").factory();
        work = new ScheduledThreadPoolExecutor(1, factory, new ThreadPoolExecutor.DiscardPolicy());
        dispatcher = connection.createDispatcher(this::hear);
    }

    /**
     * Begins, and waits until there is a ruler.
     *
     * @throws BrokerUnavailableException if there is none in time, or if interrupted
     */
    void start() {
        dispatcher.subscribe(subjects.beats());
        work.execute(() -> {
            find(Duration.ZERO);
            tick();
        });
        var _ =
                work.scheduleWithFixedDelay(
                        this::tick, BEAT.toMillis(), BEAT.toMillis(), TimeUnit.MILLISECONDS);
        try {
            settled.get(requests.timeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while finding who orders", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new BrokerUnavailableException(
                    "no node puts messages in order, and this one cannot begin timeout="
                            + requests.timeout(),
                    e);
        }
    }

    /** {@return the latest reign that was heard of} */
    Optional<Reign> reign() {
        return Optional.ofNullable(current.get());
    }

    /** {@return whether this node may order in {@code reign} just now} */
    boolean mayOrder(Reign reign) {
        Lease held = lease;
        return connected
                && reign.equals(current.get())
                && held != null
                && held.reign.equals(reign)
                && System.nanoTime() - held.sentAt < LEASE.toNanos();
    }

    /** Takes word that there is such a reign. Any thread; does not block. */
    void heard(Reign reign) {
        Reign before = current.getAndAccumulate(reign, Election::later);
        if (before == null || reign.compareTo(before) > 0) {
            LOGGER.log(Level.DEBUG, "another node may order now reign={0}", reign);
            if (before != null) {
                onChange.run();
            }
            work.execute(this::tick);
        }
    }

    private static @Nullable Reign later(@Nullable Reign one, @Nullable Reign other) {
        return one == null || (other != null && other.compareTo(one) > 0) ? other : one;
    }

    /** The connection was lost. Does not block. */
    void connectionLost() {
        connected = false;
        work.execute(this::endMine);
    }

    /** It is there again. Does not block. */
    void connectionRestored() {
        connected = true;
        work.execute(() -> {
            find(SPREAD);
            tick();
        });
    }

    private void hear(Message message) {
        String[] words = new String(message.getData(), StandardCharsets.US_ASCII).split(" ", 2);
        if (words.length == 2) {
            Reign.parse(words[0]).ifPresent(reign -> hear(reign, words[1]));
        }
    }

    private void hear(Reign reign, String word) {
        if (word.equals(FAREWELL)) {
            if (reign.equals(current.get())) {
                ruleAfter(SPREAD.dividedBy(3), SPREAD);
            }
            return;
        }
        heard(reign);
        if (reign.equals(current.get())) {
            ruleAfter(SILENCE, SPREAD);
            renew(reign, word);
            settled.complete(null);
        }
    }

    /** Counts the lease from when {@code word} was sent, if it is this node's that came back. */
    private void renew(Reign reign, String word) {
        Lease held = lease;
        if (held == null || !held.reign.equals(reign)) {
            return;
        }
        try {
            lease = new Lease(reign, Long.parseLong(word));
        } catch (NumberFormatException _) {
            // Somebody else's, who pretends.
        }
    }

    private void ruleAfter(Duration delay, Duration spread) {
        long more = spread.isZero() ? 0 : ThreadLocalRandom.current().nextLong(spread.toNanos());
        ruleAt = System.nanoTime() + delay.toNanos() + more;
    }

    // By the thread of `work`

    /** Asks who rules. If nobody says so, this node will, within {@code spread}. */
    private void find(Duration spread) {
        ruleAfter(Duration.ZERO, spread);
        try {
            Requests.Answer answer =
                    requests.tryOnce(
                            "find who orders", subjects.who(), null, new byte[0], FIND_PATIENCE);
            if (answer instanceof Requests.Answer.Reply(Message message)) {
                String text = new String(message.getData(), StandardCharsets.US_ASCII);
                Reign.parse(text)
                        .ifPresent(reign -> {
                            heard(reign);
                            ruleAfter(SILENCE, SPREAD);
                            settled.complete(null);
                        });
            }
        } catch (BrokerUnavailableException e) {
            LOGGER.log(Level.DEBUG, "cannot find who orders", e);
        }
    }

    private void tick() {
        try {
            Orderer orderer = mine;
            if (orderer != null && !orderer.reign().equals(current.get())) {
                endMine();
            }
            if (!connected) {
                return;
            }
            if (mine != null) {
                say(mine.reign(), Long.toString(System.nanoTime()));
            } else if (System.nanoTime() - ruleAt >= 0) {
                rule();
            }
        } catch (RuntimeException e) { // the connection may be lost at any point
            LOGGER.log(Level.DEBUG, "the election waits", e);
        }
    }

    private void rule() {
        Reign next = Reign.after(current.get());
        var orderer = new Orderer(connection, subjects, next, clock, keep, () -> mayOrder(next));
        try {
            orderer.open(requests);
        } catch (BrokerUnavailableException | IllegalStateException e) {
            LOGGER.log(Level.DEBUG, "this node cannot order now", e);
            orderer.close();
            ruleAfter(BEAT, SPREAD);
            return;
        }
        LOGGER.log(Level.INFO, "this node puts messages in order reign={0}", next);
        mine = orderer;
        lease = new Lease(next, System.nanoTime() - LEASE.toNanos()); // until its word comes back
        heard(next);
        say(next, Long.toString(System.nanoTime()));
    }

    private void endMine() {
        Orderer orderer = mine;
        mine = null;
        lease = null;
        if (orderer != null) {
            orderer.close();
        }
    }

    private void say(Reign reign, String word) {
        connection.publish(
                subjects.beats(), (reign + " " + word).getBytes(StandardCharsets.US_ASCII));
    }

    private void leave() {
        Orderer orderer = mine;
        endMine();
        if (orderer != null && connected) {
            say(orderer.reign(), FAREWELL);
        }
    }

    /** Ends it, and tells the others if this node rules. Before the connection is closed. */
    @Override
    public void close() {
        try {
            Future<?> left = work.submit(this::leave);
            left.get(CLOSE_PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
            LOGGER.log(Level.DEBUG, "the election ends without a word", e);
        }
        work.shutdownNow();
    }
}
