package dev.longwave.server.presence;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One topic as this node sees it: its leases, by user. Changed by one thread alone; members and
 * counts may be read by any.
 */
final class View {
    /*
     * The leases are the truth, and are read every few seconds. In between, this node's own members, and the hints of
     * other nodes, change the view at once. So a read can be older than what the view knows:
     *
     * - It lacks leases that began after it was asked for. So it removes only what was known before that; and no
     *   member of this node at all, as this node knows better.
     * - It has leases that ended since, or that could not be removed. So one that was said to have ended is remembered
     *   for as long as it may be read.
     *
     * A user whose last connection is gone has not left before the grace period is over, whatever the reason: a page
     * that reloads closes its connection, too. Nor before a later read says so, as it may be on a node whose hint was lost: while
     * the leases cannot be read, nobody leaves.
     *
     * Until the first read, it is not known whether a user is new here. After it, users that were found in it are taken
     * to have been there; those that came meanwhile are told, to watches that were there when they came.
     */
    private static final long FOUND = 0; // the order of a lease that was read, before all watches

    private final String topic;
    private final MemberCount memberCount;
    private final Telling telling;
    private final Predicate<Lease> isOwn;
    private final long graceNanos;
    private final long leaseNanos;

    private final NavigableMap<String, Entry> entries = new ConcurrentSkipListMap<>();
    private final Map<String, UserState> users = new HashMap<>();
    private final Set<UserState> leaving = new LinkedHashSet<>(); // the longest first
    private final Map<String, Ended> ended = new LinkedHashMap<>(); // the longest first
    private Span span = new Span();
    private @Nullable Occupancy occupancy;
    private int told;
    private boolean confirmed; // since when is below
    private long confirmedNanos;

    private volatile Counts counts = new Counts(0, 0);
    private int present; // users with a connection
    private boolean closed;
    private final CountDownLatch answered = new CountDownLatch(1);
    private final AtomicBoolean unread = new AtomicBoolean(true);
    private final AtomicBoolean reading = new AtomicBoolean();
    private volatile boolean loaded;
    private volatile long readNanos;
    private volatile long usedNanos;
    private volatile boolean tooLarge;

    /**
     * A lease in the view.
     *
     * @param order when it came, among all changes and watches of this node; {@link #FOUND} if it
     *     was read
     * @param seenNanos when it came
     */
    private record Entry(Lease lease, long order, long seenNanos, UserState user) {}

    private record Ended(long entered, long sinceNanos) {}

    private static final class UserState {
        private final String key;
        private final Span span = new Span();
        private final Visit visit;
        private final Set<String> connections = new HashSet<>();
        private Member last;
        private boolean told;
        private long goneNanos;

        UserState(String topic, Member first) {
            this.key = first.userKey();
            this.visit = new Visit(topic, first.user(), span);
            this.last = first;
        }
    }

    /**
     * A view that knows nothing yet.
     *
     * @param memberCount of all views together
     * @param isOwn whether a lease is held by this node
     */
    View(
            String topic,
            PresenceSettings settings,
            MemberCount memberCount,
            @Nullable RoomListener everywhere,
            Predicate<Lease> isOwn,
            long nowNanos) {
        this.topic = topic;
        this.memberCount = memberCount;
        this.telling = new Telling(everywhere);
        this.isOwn = isOwn;
        this.graceNanos = settings.grace().toNanos();
        this.leaseNanos = settings.lease().toNanos();
        this.usedNanos = nowNanos;
    }

    String topic() {
        return topic;
    }

    Telling telling() {
        return telling;
    }

    // What any thread may ask.

    /** Keeps the view for a while. */
    void use(long nowNanos) {
        usedNanos = nowNanos;
    }

    /** {@return whether nobody has used it for {@code lingerNanos}, and nobody needs it} */
    boolean isIdle(long nowNanos, long lingerNanos) {
        boolean needed =
                telling.isWatched() || (telling.isEverywhere() && (!entries.isEmpty() || told > 0));
        return !needed && nowNanos - usedNanos >= lingerNanos;
    }

    /** {@return whether nobody has asked this before, so that the leases have yet to be read} */
    boolean isNew() {
        return unread.getAndSet(false);
    }

    /** {@return whether the caller may read the leases, and must say {@link #readingEnded} then} */
    boolean startReading() {
        return reading.compareAndSet(false, true);
    }

    void readingEnded() {
        reading.set(false);
    }

    /** {@return opens once the leases were read, whether there was room for them or not} */
    CountDownLatch answered() {
        return answered;
    }

    boolean isLoaded() {
        return loaded;
    }

    /** {@return when the leases were read that it shows} */
    long readNanos() {
        return readNanos;
    }

    /** {@return whether it has no room for all members} */
    boolean isTooLarge() {
        return tooLarge;
    }

    Counts counts() {
        return counts;
    }

    /** {@return up to {@code max} members after a connection} */
    List<Member> members(String after, int max) {
        return entries.tailMap(after, false).values().stream()
                .limit(max)
                .map(entry -> entry.lease().member())
                .toList();
    }

    // What only the thread of the views may do.

    /** Takes in a change that this node has made or was told of. */
    void change(Change change, long order, long nowNanos) {
        if (closed) {
            return;
        }
        if (change.ended()) {
            end(change.lease(), nowNanos);
        } else {
            begin(change.lease(), order, nowNanos);
        }
    }

    private void begin(Lease lease, long order, long nowNanos) {
        String connection = lease.member().connection();
        Ended before = ended.get(connection);
        if (before != null && lease.entered() <= before.entered()) {
            return;
        }
        Entry known = entries.get(connection);
        if (known != null && lease.entered() <= known.lease().entered()) {
            return;
        }
        if (known == null && !memberCount.add()) {
            tooLarge = true; // the next read that fits will tell
            return;
        }
        UserState user =
                users.computeIfAbsent(
                        lease.member().userKey(), _ -> new UserState(topic, lease.member()));
        if (user.connections.isEmpty()) {
            present++;
            leaving.remove(user);
        }
        user.connections.add(connection);
        user.span.add(lease);
        span.add(lease);
        entries.put(connection, new Entry(lease, order, nowNanos, user));
        if (known != null && !known.user().equals(user)) {
            disconnect(known, nowNanos);
        }
        count();
        if (loaded && !user.told) {
            tellJoined(user, lease.member(), Long.MAX_VALUE);
        }
    }

    private void end(Lease lease, long nowNanos) {
        String connection = lease.member().connection();
        ended.remove(connection); // so that it is the last
        ended.put(connection, new Ended(lease.entered(), nowNanos));
        Entry known = entries.get(connection);
        if (known != null && known.lease().entered() <= lease.entered()) {
            remove(known, nowNanos);
        }
    }

    private void remove(Entry entry, long nowNanos) {
        entries.remove(entry.lease().member().connection());
        memberCount.remove(1);
        disconnect(entry, nowNanos);
        count();
    }

    private void disconnect(Entry entry, long nowNanos) {
        UserState user = entry.user();
        user.connections.remove(entry.lease().member().connection());
        if (user.connections.isEmpty()) {
            present--;
            user.last = entry.lease().member();
            user.goneNanos = nowNanos;
            leaving.add(user);
        }
    }

    /**
     * Takes in the leases of the topic.
     *
     * @param askedNanos when they were asked for
     * @param complete whether one that is not there has ended
     */
    void read(Collection<Lease> leases, long askedNanos, boolean complete, long nowNanos) {
        if (closed) {
            return;
        }
        if (leases.size() - (long) entries.size() > memberCount.room()) {
            tooLarge = true;
            answered.countDown();
            return;
        }
        tooLarge = false;
        if (complete) {
            removeOthersThan(leases, askedNanos, nowNanos);
            confirmed = true;
            confirmedNanos = askedNanos;
        }
        leases.forEach(lease -> begin(lease, FOUND, nowNanos));
        readNanos = askedNanos;
        if (!loaded) {
            loaded = true;
            users.values().forEach(this::introduce);
            users.values().forEach(this::announce);
        }
        answered.countDown();
    }

    private void removeOthersThan(Collection<Lease> leases, long askedNanos, long nowNanos) {
        var found = new HashSet<String>();
        leases.forEach(lease -> found.add(lease.member().connection()));
        List<Entry> others = new ArrayList<>();
        for (Entry entry : entries.values()) {
            Lease lease = entry.lease();
            if (entry.seenNanos() - askedNanos < 0
                    && !found.contains(lease.member().connection())
                    && !isOwn.test(lease)) {
                others.add(entry);
            }
        }
        others.forEach(entry -> remove(entry, nowNanos));
    }

    /** Takes a user to have been there if one of its leases was found by the first read. */
    private void introduce(UserState user) {
        Entry first = first(user);
        if (first != null && first.order() == FOUND) {
            isThere(user);
        }
    }

    /** Tells of a user that came before the first read was done, and was not found by it. */
    private void announce(UserState user) {
        Entry first = first(user);
        if (!user.told && first != null) {
            tellJoined(user, first.lease().member(), first.order());
        }
    }

    private @Nullable Entry first(UserState user) {
        Entry first = null;
        for (String connection : user.connections) {
            Entry entry = entries.get(connection);
            if (entry != null && (first == null || entry.order() < first.order())) {
                first = entry;
            }
        }
        return first;
    }

    private void tellJoined(UserState user, Member first, long order) {
        boolean vacant = told == 0;
        isThere(user);
        Occupancy occupied = occupancy;
        if (vacant && occupied != null) {
            telling.tell(order, listener -> listener.occupied(occupied));
        }
        telling.tell(order, listener -> listener.joined(user.visit, first));
    }

    private void isThere(UserState user) {
        user.told = true;
        if (told++ == 0) {
            occupancy = new Occupancy(topic, span);
        }
    }

    private void tellLeft(UserState user) {
        telling.tell(Long.MAX_VALUE, listener -> listener.left(user.visit, user.last));
        Occupancy occupied = occupancy;
        if (--told == 0 && occupied != null) {
            occupancy = null;
            span = new Span();
            telling.tell(Long.MAX_VALUE, listener -> listener.vacated(occupied));
        }
    }

    /** Tells of users that have been gone for long enough, and forgets what nobody can read. */
    void tick(long nowNanos) {
        for (Iterator<UserState> all = leaving.iterator(); all.hasNext(); ) {
            UserState user = all.next();
            if (nowNanos - user.goneNanos < graceNanos
                    || !confirmed
                    || confirmedNanos - user.goneNanos <= 0) {
                break;
            }
            all.remove();
            users.remove(user.key);
            if (user.told) {
                tellLeft(user);
            }
        }
        for (Iterator<Ended> all = ended.values().iterator(); all.hasNext(); ) {
            if (nowNanos - all.next().sinceNanos() < 2 * leaseNanos) {
                break;
            }
            all.remove();
        }
    }

    private void count() {
        counts = new Counts(entries.size(), present);
    }

    /** Gives back the room that it takes. */
    void close() {
        closed = true;
        memberCount.remove(entries.size());
        entries.clear();
    }
}
