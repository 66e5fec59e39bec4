package dev.longwave.server.presence;

import dev.longwave.broker.BrokerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The leases of this node's own members, which it keeps alive. */
final class LeaseKeeper {
    /*
     * `held` says what there should be, and changes at once. `due` names the leases that the broker has not been told
     * of; one thread takes them and makes the broker agree with `held`, so what it does to one lease is in order,
     * however often that has changed. If the broker does not answer, they are due again. One that has ended need not be
     * removed any more once it has expired.
     */
    private static final int BATCH = 500;
    private static final System.Logger LOGGER = System.getLogger(LeaseKeeper.class.getName());

    private final Leases leases;
    private final Hints hints;
    private final Duration ttl;
    private final LongSupplier nanoTime;
    private final Map<String, Map<String, Lease>> held = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();
    private final Map<Lease.Key, Due> due = new LinkedHashMap<>(); // guarded by itself
    private boolean renewalDue; // the writing thread's own, as all below
    private boolean failing;

    private record Due(Lease lease, long sinceNanos) {}

    /**
     * @param ttl how long a lease holds unless renewed
     */
    LeaseKeeper(Leases leases, Hints hints, Duration ttl, LongSupplier nanoTime) {
        this.leases = leases;
        this.hints = hints;
        this.ttl = ttl;
        this.nanoTime = nanoTime;
    }

    /** Holds a lease from now on. */
    void hold(Lease lease) {
        count.incrementAndGet();
        held.compute(
                lease.topic(),
                (_, present) -> {
                    Map<String, Lease> members =
                            present == null ? new ConcurrentHashMap<>() : present;
                    if (members.put(lease.member().connection(), lease) != null) {
                        count.decrementAndGet();
                    }
                    return members;
                });
        isDue(lease);
    }

    /** {@return whether the lease was held until now, and not replaced by a later one} */
    boolean release(Lease lease) {
        var released = new boolean[1];
        held.computeIfPresent(
                lease.topic(),
                (_, members) -> {
                    released[0] = members.remove(lease.member().connection(), lease);
                    return members.isEmpty() ? null : members;
                });
        if (released[0]) {
            count.decrementAndGet();
            isDue(lease);
        }
        return released[0];
    }

    void releaseAll() {
        for (Map<String, Lease> members : held.values()) {
            List.copyOf(members.values()).forEach(this::release);
        }
    }

    /** {@return the leases of this node in {@code topic}} */
    Collection<Lease> in(String topic) {
        return held.getOrDefault(topic, Map.of()).values();
    }

    boolean holds(Lease lease) {
        return lease.equals(present(lease.key()));
    }

    private @Nullable Lease present(Lease.Key key) {
        return held.getOrDefault(key.topic(), Map.of()).get(key.connection());
    }

    private void isDue(Lease lease) {
        synchronized (due) {
            due.put(lease.key(), new Due(lease, nanoTime.getAsLong()));
        }
    }

    /** Renews all leases. One thread, as {@link #write}. */
    void renew() {
        renewalDue = true;
        write();
    }

    /** Tells the broker, and other nodes, what has changed. One thread. */
    void write() {
        try {
            for (List<Due> batch = take(); !batch.isEmpty(); batch = take()) {
                write(batch);
            }
            if (renewalDue) {
                renewAll();
                renewalDue = false;
            }
            if (failing) {
                failing = false;
                LOGGER.log(System.Logger.Level.INFO, "presence is written again");
            }
        } catch (BrokerException e) {
            renewalDue = true; // nobody knows what the broker has
            if (!failing) {
                failing = true;
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "presence cannot be written; other nodes do not see who joins and leaves"
                                + " here",
                        e);
            }
        }
    }

    private List<Due> take() {
        var batch = new ArrayList<Due>();
        synchronized (due) {
            var all = due.values().iterator();
            while (batch.size() < BATCH && all.hasNext()) {
                batch.add(all.next());
                all.remove();
            }
        }
        return batch;
    }

    private void write(List<Due> batch) {
        var begun = new ArrayList<Lease>();
        var changes = new ArrayList<Change>();
        var ended = new ArrayList<Lease.Key>();
        long now = nanoTime.getAsLong();
        for (Due each : batch) {
            Lease.Key key = each.lease().key();
            Lease lease = present(key);
            if (lease != null) {
                begun.add(lease);
                changes.add(new Change(lease, false));
            } else {
                if (now - each.sinceNanos() < ttl.toNanos()) {
                    ended.add(key);
                }
                changes.add(new Change(each.lease(), true));
            }
        }
        try {
            if (!begun.isEmpty()) {
                leases.put(begun, ttl);
            }
            ended.forEach(leases::remove);
        } catch (RuntimeException e) {
            isDueAgain(batch);
            throw e;
        }
        hints.publish(
                changes); // after the leases, so that a node that gets a hint can read the lease
    }

    private void isDueAgain(List<Due> batch) {
        long now = nanoTime.getAsLong();
        synchronized (due) {
            for (Due each : batch) {
                Lease.Key key = each.lease().key();
                if (present(key) != null || now - each.sinceNanos() < ttl.toNanos()) {
                    due.putIfAbsent(key, each);
                }
            }
        }
    }

    private void renewAll() {
        var batch = new ArrayList<Lease>(BATCH);
        for (Map<String, Lease> members : held.values()) {
            for (Lease lease : members.values()) {
                batch.add(lease);
                if (batch.size() == BATCH) {
                    leases.put(List.copyOf(batch), ttl);
                    batch.clear();
                }
            }
        }
        if (!batch.isEmpty()) {
            leases.put(batch, ttl);
        }
    }

    /** {@return how many leases are held} */
    int count() {
        return count.get();
    }

    /** {@return whether the broker does not answer; for the writing thread} */
    boolean isFailing() {
        return failing;
    }
}
