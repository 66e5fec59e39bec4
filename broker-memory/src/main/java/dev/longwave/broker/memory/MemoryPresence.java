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
    private record Timed(Member member, long until) {}

    private final ConcurrentHashMap<String, ConcurrentHashMap<String, Timed>> topics =
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
        var lease = new Timed(member, clock.millis() + ttl.toMillis());
        topics.compute(
                topic,
                (_, present) -> {
                    var members =
                            present == null ? new ConcurrentHashMap<String, Timed>() : present;
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
        for (Timed lease : leases(topic).values()) {
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
    public List<Member> members(String topic, String after, int max) {
        long now = clock.millis();
        return leases(topic).values().stream()
                .filter(lease -> lease.until > now)
                .map(Timed::member)
                .filter(member -> Member.compareIds(member.id(), after) > 0)
                .sorted((a, b) -> Member.compareIds(a.id(), b.id()))
                .limit(max)
                .toList();
    }

    @Override
    public long count(String topic) {
        long now = clock.millis();
        long count = 0;
        for (Timed lease : leases(topic).values()) {
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

    private Map<String, Timed> leases(String topic) {
        return topics.getOrDefault(topic, new ConcurrentHashMap<>());
    }
}
