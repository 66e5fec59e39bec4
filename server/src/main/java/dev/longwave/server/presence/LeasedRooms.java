package dev.longwave.server.presence;

import dev.longwave.broker.BrokerException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Rooms whose members are leases that all nodes can read. */
final class LeasedRooms implements Rooms {
    /*
     * A node keeps a view of each topic that someone watches on it, or has asked for a moment ago. It tells its own
     * watches what changes in its own view, so that each is told once, and no node has to agree with others on
     * anything. Views differ for a moment, and are the same once all have read the leases.
     *
     * Views and what they tell are confined to one thread (see Threads), which takes changes from the inbox. Reading the
     * leases is done elsewhere, and its result is a task for that thread. It takes the inbox before, so that a change
     * which was known before the leases were read is known to the view, too.
     *
     * A lease is in the inbox before it is held, and what is held is asked for before the inbox is taken: so the view
     * never finds a member of this node that it was not told of.
     */
    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration WRITE_AGAIN = Duration.ofSeconds(1);
    private static final Duration LOADING = Duration.ofSeconds(5);
    private static final long LINGER_NANOS = Duration.ofSeconds(10).toNanos();
    private static final int MAX_HEARD = 10_000; // topics of which only other nodes have told
    private static final System.Logger LOGGER = System.getLogger(LeasedRooms.class.getName());

    private final PresenceSettings settings;
    private final Leases leases;
    private final LeaseKeeper keeper;
    private final Hints hints;
    private final @Nullable RoomListener everywhere;
    private final MemberCount memberCount;
    private final Executor viewsThread;
    private final Executor writerThread;
    private final Executor readerThread;
    private final Runnable stop;
    private final LongSupplier nanoTime;
    private final Stamps stamps;
    private final Outage outage;
    private final Inbox inbox = new Inbox();
    private final AtomicLong order = new AtomicLong(1);
    private final AtomicBoolean writing = new AtomicBoolean();
    private final Map<String, View> views = new ConcurrentHashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * @param stop stops the threads
     */
    LeasedRooms(
            Leases leases,
            Hints.Opening opening,
            PresenceSettings settings,
            @Nullable RoomListener everywhere,
            LongSupplier nanoTime,
            InstantSource clock,
            Executor viewsThread,
            Executor writerThread,
            Executor readerThread,
            Runnable stop) {
        this.settings = settings;
        this.leases = leases;
        this.everywhere = everywhere;
        this.memberCount = new MemberCount(settings.maxMembers());
        this.viewsThread = viewsThread;
        this.writerThread = writerThread;
        this.readerThread = readerThread;
        this.stop = stop;
        this.nanoTime = nanoTime;
        this.stamps = new Stamps(clock);
        this.outage = new Outage(settings.renewal().plusSeconds(1).toNanos());
        this.hints = opening.open(this::hear);
        this.keeper = new LeaseKeeper(leases, hints, settings.lease(), nanoTime);
    }

    /** {@return rooms with threads of their own} */
    static LeasedRooms start(
            Leases leases,
            Hints.Opening opening,
            PresenceSettings settings,
            @Nullable RoomListener everywhere,
            LongSupplier nanoTime,
            InstantSource clock) {
        var threads = new Threads();
        try {
            var rooms =
                    new LeasedRooms(
                            leases,
                            opening,
                            settings,
                            everywhere,
                            nanoTime,
                            clock,
                            threads.views(),
                            threads.writer(),
                            threads.reader(),
                            threads::close);
            threads.repeatOnViews(rooms::tick, TICK);
            threads.repeatOnWriter(rooms::renew, settings.renewal());
            threads.repeatOnWriter(rooms::writeAgain, WRITE_AGAIN);
            threads.repeatOnReader(rooms::readAll, settings.refresh());
            return rooms;
        } catch (RuntimeException e) {
            threads.close();
            throw e;
        }
    }

    // What connections and requests ask for.

    @Override
    public boolean areKept() {
        return true;
    }

    @Override
    public Membership enter(String topic, Member member) {
        if (keeper.count() >= settings.maxMembers()) {
            throw Refusals.tooManyMembers(settings.maxMembers()).exception();
        }
        if (everywhere != null) {
            prepare(topic); // before it enters, so that the view learns that it does
        }
        var lease = new Lease(topic, member, stamps.next());
        arrived(new Change(lease, false));
        keeper.hold(lease);
        writeSoon();
        var open = new AtomicBoolean(true);
        return () -> {
            if (open.getAndSet(false) && keeper.release(lease)) {
                arrived(new Change(lease, true));
                writeSoon();
            }
        };
    }

    @Override
    public MemberPage members(String topic, String after, int max) {
        View view = readable(topic);
        List<Member> members = new ArrayList<>(view.members(after, max + 1));
        String next = null;
        if (members.size() > max) {
            members.removeLast();
            next = members.getLast().connection();
        }
        return new MemberPage(members, next, view.counts());
    }

    @Override
    public Counts counts(String topic) {
        return readable(topic).counts();
    }

    private View readable(String topic) {
        View view = used(topic);
        load(view);
        if (view.isTooLarge()) {
            throw Refusals.tooManyMembers(memberCount.max()).exception();
        }
        long age = nanoTime.getAsLong() - view.readNanos();
        if (!view.isLoaded() || age > settings.lease().toNanos()) {
            throw Refusals.unavailable().exception();
        }
        return view;
    }

    @Override
    public Watch watch(String topic, RoomListener listener) {
        var watch =
                new Watch(
                        listener,
                        order.getAndIncrement(),
                        ended -> {
                            View view = views.get(topic);
                            if (view != null) {
                                view.telling().remove(ended);
                            }
                        });
        View view = used(topic, watch);
        load(view);
        return watch;
    }

    /** Waits until the view has read the leases a first time, for a while. */
    private void load(View view) {
        if (view.isLoaded()) {
            return;
        }
        try {
            if (read(view) && !view.answered().await(LOADING.toMillis(), TimeUnit.MILLISECONDS)) {
                LOGGER.log(System.Logger.Level.DEBUG, "the members of a topic are not known yet");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private View used(String topic) {
        return used(topic, null);
    }

    /** The view of a topic, which is kept for a while, or for as long as {@code watch} is open. */
    private View used(String topic, @Nullable Watch watch) {
        long now = nanoTime.getAsLong();
        return views.compute(
                topic,
                (_, present) -> {
                    View view =
                            present == null
                                    ? new View(
                                            topic,
                                            settings,
                                            memberCount,
                                            everywhere,
                                            this::isOwn,
                                            now)
                                    : present;
                    view.use(now);
                    if (watch != null) {
                        view.telling().add(watch);
                    }
                    return view;
                });
    }

    /** Has a view of a topic. Does not wait until it has read the leases. */
    private void prepare(String topic) {
        View view = used(topic);
        if (view.isNew()) {
            readerThread.execute(() -> read(view));
        }
    }

    private boolean isOwn(Lease lease) {
        return keeper.holds(lease);
    }

    // Changes.

    private void hear(List<Change> changes) {
        for (Change change : changes) {
            String topic = change.lease().topic();
            if (everywhere != null && !views.containsKey(topic) && views.size() < MAX_HEARD) {
                prepare(topic);
            }
            if (views.containsKey(topic)) {
                arrived(change);
            }
        }
    }

    private void arrived(Change change) {
        var arrival = new Inbox.Arrival(change, order.getAndIncrement(), nanoTime.getAsLong());
        if (inbox.add(arrival)) {
            viewsThread.execute(this::takeIn);
        }
    }

    /** Has the views take in what has come. On their thread. */
    private void takeIn() {
        for (Inbox.Arrival arrival : inbox.take()) {
            View view = views.get(arrival.change().lease().topic());
            if (view != null) {
                view.change(arrival.change(), arrival.order(), arrival.nanos());
            }
        }
    }

    /** Tells who has left, and drops views that nobody needs. On the thread of the views. */
    void tick() {
        takeIn();
        long now = nanoTime.getAsLong();
        for (View view : views.values()) {
            view.tick(now);
            if (view.isIdle(now, LINGER_NANOS)) {
                views.computeIfPresent(
                        view.topic(),
                        (_, present) -> {
                            if (!present.isIdle(now, LINGER_NANOS)) {
                                return present;
                            }
                            present.close();
                            return null;
                        });
            }
        }
    }

    // Writing the leases of this node.

    private void writeSoon() {
        if (writing.compareAndSet(false, true)) {
            writerThread.execute(this::write);
        }
    }

    private void write() {
        writing.set(false); // before: what changes now is written, or asked for again
        keeper.write();
        noteFailure();
    }

    private void writeAgain() {
        if (keeper.isFailing()) {
            write();
        }
    }

    /** Renews all leases of this node. */
    void renew() {
        keeper.renew();
        noteFailure();
    }

    private void noteFailure() {
        if (keeper.isFailing()) {
            outage.failed();
        }
    }

    // Reading the leases of all nodes.

    /** Reads the leases of all views, until the broker does not answer. */
    void readAll() {
        for (View view : views.values()) {
            if (!read(view)) {
                return; // or the others would each wait for it
            }
        }
    }

    /** Whether the broker has answered. */
    private boolean read(View view) {
        if (!view.startReading()) {
            return true;
        }
        boolean handedOver = false;
        try {
            long asked = nanoTime.getAsLong();
            List<Lease> found = leases.in(view.topic(), memberCount.max() + 1);
            boolean complete = outage.answered(nanoTime.getAsLong());
            viewsThread.execute(() -> takeIn(view, found, asked, complete));
            handedOver = true;
            return true;
        } catch (BrokerException e) {
            if (outage.failed()) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "presence cannot be read; joins and leaves on other nodes are not seen",
                        e);
            }
            return false;
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "the members of a topic cannot be read", e);
            return true; // the others perhaps can
        } finally {
            if (!handedOver) {
                view.readingEnded();
            }
        }
    }

    private void takeIn(View view, List<Lease> found, long askedNanos, boolean complete) {
        try {
            List<Lease> all = new ArrayList<>(found);
            all.addAll(keeper.in(view.topic())); // the last may not be written yet
            takeIn();
            view.read(all, askedNanos, complete, nanoTime.getAsLong());
        } finally {
            view.readingEnded();
        }
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        keeper.releaseAll();
        writerThread.execute(keeper::write);
        stop.run();
        hints.close();
    }

    /** {@return how many views there are} */
    int views() {
        return views.size();
    }
}
