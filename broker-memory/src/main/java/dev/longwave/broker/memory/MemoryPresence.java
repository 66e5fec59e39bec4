package dev.longwave.broker.memory;

import dev.longwave.broker.Presence;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The members of topics, in this node's memory. */
final class MemoryPresence implements Presence {
    /*
     * Changes go through topics.compute(), so that the map of a topic cannot be dropped as empty
     * while a member joins. Readers see each member's newest lease and drop none: they skip leases
     * that have expired, and sweep() removes them.
     */
    private record Lease(Member member, long until) {}

    private final ConcurrentHashMap<String, ConcurrentHashMap<String, Lease>> topics =
            new ConcurrentHashMap<>();
    private final InstantSource clock;

    MemoryPresence(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void put(String topic, Member member, Duration ttl) {
        if (!ttl.isPositive()) {
            throw new IllegalArgumentException("presence needs a time to live ttl=" + ttl);
        }
        var lease = new Lease(member, clock.millis() + ttl.toMillis());
        topics.compute(
                topic,
                (_, present) -> {
                    var members =
                            present == null ? new ConcurrentHashMap<String, Lease>() : present;
                    members.put(member.id(), lease);
                    return members;
                });
    }

    @Override
    public void remove(String topic, String memberId) {
        topics.computeIfPresent(
                topic,
                (_, members) -> {
                    members.remove(memberId);
                    return members.isEmpty() ? null : members;
                });
    }

    @Override
    public List<Member> members(String topic, int max) {
        long now = clock.millis();
        var found = new ArrayList<Member>();
        for (Lease lease : leases(topic).values()) {
            if (found.size() >= max) {
                break;
            }
            if (lease.until > now) {
                found.add(lease.member);
            }
        }
        return found;
    }

    @Override
    public long count(String topic) {
        long now = clock.millis();
        long count = 0;
        for (Lease lease : leases(topic).values()) {
            if (lease.until > now) {
                count++;
            }
        }
        return count;
    }

    /** Removes the leases that have expired. */
    void sweep() {
        long now = clock.millis();
        for (String topic : topics.keySet()) {
            topics.computeIfPresent(
                    topic,
                    (_, members) -> {
                        members.values().removeIf(lease -> lease.until <= now);
                        return members.isEmpty() ? null : members;
                    });
        }
    }

    /** {@return how many topics have leases, expired ones included} */
    int topicCount() {
        return topics.size();
    }

    private Map<String, Lease> leases(String topic) {
        return topics.getOrDefault(topic, new ConcurrentHashMap<>());
    }
}
