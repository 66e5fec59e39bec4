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

/** Finds out which node is the sequencer, and makes this node the sequencer if no other is. */
final class Election implements AutoCloseable {
    /*
     * The sequencer sends four heartbeats a second. A node that has not received one for
     * ELECTION_TIMEOUT becomes the sequencer itself, in the next term. A node that learns of a later
     * term follows it, and never goes back to an earlier one. A sequencer that loses its connection
     * gives up, and one that is closed resigns, so that the others need not wait for the timeout.
     *
     * Two sequencers at once. A sequencer may work only while it holds a lease: its own heartbeat,
     * sent less than LEASE ago, has come back from the servers. ELECTION_TIMEOUT is longer than that
     * and starts later, when the heartbeat arrives. So by the time another node takes over, the old
     * sequencer has stopped by itself, even if it is frozen, cut off, or just slow. This requires
     * clocks that run at the same speed, and heartbeats that reach all nodes. Where they do not, as
     * when the servers are partitioned, there are two sequencers for a while, each with its own
     * epoch. Nothing is mixed up then: nodes that change over see the new epoch, and report a gap.
     *
     * `current` only ever moves to later terms, whichever thread learns of one. TermSequencers are
     * created and closed by the single thread of `worker` only.
     */
    private static final Logger LOGGER = System.getLogger(Election.class.getName());

    private static final Duration HEARTBEAT_INTERVAL = Duration.ofMillis(250);
    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final Duration ELECTION_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration JITTER = Duration.ofMillis(300); // so that nodes start apart
    private static final Duration FIND_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);
    private static final String RESIGNATION = "resigned";

    private final Connection connection;
    private final Requests requests;
    private final CoreSubjects subjects;
    private final InstantSource clock;
    private final Duration keep;
    private final Runnable onChange;
    private final ScheduledThreadPoolExecutor worker;
    private final Dispatcher dispatcher;
    private final CompletableFuture<Void> decided = new CompletableFuture<>();

    private final AtomicReference<@Nullable Term> current = new AtomicReference<>();
    private @Nullable TermSequencer sequencer; // this node's; confined to the worker's thread
    private volatile boolean connected = true;
    private volatile long startAt; // System.nanoTime() at which to take over, unless postponed
    private volatile @Nullable Lease lease;

    /**
     * When this node sent the latest of its heartbeats that has come back, by System.nanoTime().
     */
    private record Lease(Term term, long sentAt) {}

    /**
     * An election that has not started.
     *
     * @param clock the source of the messages' times
     * @param keep how long a sequencer remembers the tail of a topic, at least
     * @param onChange called when a later term has begun, by any thread; does not block
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
        worker =
                new ScheduledThreadPoolExecutor(1, factory, new ThreadPoolExecutor.DiscardPolicy());
        dispatcher = connection.createDispatcher(this::receive);
    }

    /**
     * Starts, and waits until there is a sequencer.
     *
     * @throws BrokerUnavailableException if there is none in time, or if interrupted
     */
    void start() {
        dispatcher.subscribe(subjects.heartbeats());
        worker.execute(() -> {
            find(Duration.ZERO);
            tick();
        });
        var _ =
                worker.scheduleWithFixedDelay(
                        this::tick,
                        HEARTBEAT_INTERVAL.toMillis(),
                        HEARTBEAT_INTERVAL.toMillis(),
                        TimeUnit.MILLISECONDS);
        try {
            decided.get(requests.timeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while looking for a sequencer", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new BrokerUnavailableException(
                    "no node is the sequencer, and this node cannot become it timeout="
                            + requests.timeout(),
                    e);
        }
    }

    /** {@return the latest term known, or nothing before the first} */
    Optional<Term> term() {
        return Optional.ofNullable(current.get());
    }

    /** {@return whether this node may act as the sequencer of {@code term} at this moment} */
    boolean holdsLease(Term term) {
        Lease held = lease;
        return connected
                && term.equals(current.get())
                && held != null
                && held.term.equals(term)
                && System.nanoTime() - held.sentAt < LEASE.toNanos();
    }

    /** Reports that {@code term} exists. Any thread may call it; it does not block. */
    void observe(Term term) {
        Term before = current.getAndAccumulate(term, Election::later);
        if (before == null || term.compareTo(before) > 0) {
            LOGGER.log(Level.DEBUG, "a later term has begun term={0}", term);
            if (before != null) {
                onChange.run();
            }
            worker.execute(this::tick);
        }
    }

    private static @Nullable Term later(@Nullable Term one, @Nullable Term other) {
        return one == null || (other != null && other.compareTo(one) > 0) ? other : one;
    }

    /** Reports that the connection is lost. Does not block. */
    void disconnected() {
        connected = false;
        worker.execute(this::stopSequencer);
    }

    /** Reports that the connection is restored. Does not block. */
    void reconnected() {
        connected = true;
        worker.execute(() -> {
            find(JITTER);
            tick();
        });
    }

    // A heartbeat is a term and, after a space, the sender's System.nanoTime() or RESIGNATION.

    private void receive(Message message) {
        String[] words = new String(message.getData(), StandardCharsets.US_ASCII).split(" ", 2);
        if (words.length == 2) {
            Term.parse(words[0]).ifPresent(term -> receive(term, words[1]));
        }
    }

    private void receive(Term term, String content) {
        if (content.equals(RESIGNATION)) {
            if (term.equals(current.get())) {
                startAfter(JITTER.dividedBy(3), JITTER);
            }
            return;
        }
        observe(term);
        if (term.equals(current.get())) {
            startAfter(ELECTION_TIMEOUT, JITTER);
            renewLease(term, content);
            decided.complete(null);
        }
    }

    /** Renews the lease if a heartbeat of this node has come back. */
    private void renewLease(Term term, String sentAt) {
        Lease held = lease;
        if (held == null || !held.term.equals(term)) {
            return;
        }
        try {
            lease = new Lease(term, Long.parseLong(sentAt));
        } catch (NumberFormatException _) {
            // Another application publishes on this subject.
        }
    }

    private void startAfter(Duration delay, Duration jitter) {
        long more = jitter.isZero() ? 0 : ThreadLocalRandom.current().nextLong(jitter.toNanos());
        startAt = System.nanoTime() + delay.toNanos() + more;
    }

    // All of the following runs on the worker's thread

    /**
     * Asks for the present sequencer. Without an answer, this node takes over within the jitter.
     */
    private void find(Duration jitter) {
        startAfter(Duration.ZERO, jitter);
        try {
            Requests.Answer answer =
                    requests.tryOnce(
                            "find the sequencer",
                            Requests.Outgoing.empty(subjects.term()),
                            FIND_TIMEOUT);
            if (answer instanceof Requests.Answer.Reply(Message message)) {
                String text = new String(message.getData(), StandardCharsets.US_ASCII);
                Term.parse(text)
                        .ifPresent(term -> {
                            observe(term);
                            startAfter(ELECTION_TIMEOUT, JITTER);
                            decided.complete(null);
                        });
            }
        } catch (BrokerUnavailableException e) {
            LOGGER.log(Level.DEBUG, "cannot find the sequencer", e);
        }
    }

    private void tick() {
        try {
            TermSequencer running = sequencer;
            if (running != null && !running.term().equals(current.get())) {
                stopSequencer();
            }
            if (!connected) {
                return;
            }
            if (sequencer != null) {
                sendHeartbeat(sequencer.term(), Long.toString(System.nanoTime()));
            } else if (System.nanoTime() - startAt >= 0) {
                startSequencer();
            }
        } catch (RuntimeException e) { // the connection may be lost at any point
            LOGGER.log(Level.DEBUG, "the election is postponed", e);
        }
    }

    private void startSequencer() {
        Term next = Term.after(current.get());
        var starting =
                new TermSequencer(connection, subjects, next, clock, keep, () -> holdsLease(next));
        try {
            starting.open(requests);
        } catch (BrokerUnavailableException | IllegalStateException e) {
            LOGGER.log(Level.DEBUG, "this node cannot become the sequencer now", e);
            starting.close();
            startAfter(HEARTBEAT_INTERVAL, JITTER);
            return;
        }
        LOGGER.log(Level.INFO, "this node is now the sequencer term={0}", next);
        sequencer = starting;
        lease =
                new Lease(
                        next,
                        System.nanoTime() - LEASE.toNanos()); // over until a heartbeat is back
        observe(next);
        sendHeartbeat(next, Long.toString(System.nanoTime()));
    }

    private void stopSequencer() {
        TermSequencer running = sequencer;
        sequencer = null;
        lease = null;
        if (running != null) {
            running.close();
        }
    }

    private void sendHeartbeat(Term term, String content) {
        connection.publish(
                subjects.heartbeats(), (term + " " + content).getBytes(StandardCharsets.US_ASCII));
    }

    private void resign() {
        TermSequencer running = sequencer;
        stopSequencer();
        if (running != null && connected) {
            sendHeartbeat(running.term(), RESIGNATION);
        }
    }

    /** Stops, and resigns if this node is the sequencer. To be called with an open connection. */
    @Override
    public void close() {
        try {
            Future<?> resigned = worker.submit(this::resign);
            resigned.get(CLOSE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
            LOGGER.log(Level.DEBUG, "this node leaves without resigning", e);
        }
        worker.shutdownNow();
    }
}
