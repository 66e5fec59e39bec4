package dev.longwave.broker.memory;

import dev.longwave.broker.Presence;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Who is in a topic, in this node's memory. */
final class MemoryPresence implements Presence {
    /*
     * Changes go through topics.compute(), so that the map of a topic cannot be dropped as empty
     * while somebody joins. Readers see each member's newest lease and drop none: what has expired
     * is passed over, and taken out by sweep().
     */
    private static final int MAX_MEMBER_LENGTH = 128;

    private record Lease(String info, long until) {}

    private final ConcurrentHashMap<String, ConcurrentHashMap<String, Lease>> topics =
            new ConcurrentHashMap<>();
    private final InstantSource clock;

    MemoryPresence(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void put(String topic, String member, String info, Duration ttl) {
        if (member.isEmpty() || member.length() > MAX_MEMBER_LENGTH) {
            throw new IllegalArgumentException(
                    "member id has a bad length length=%d min=1 max=%d"
                            .formatted(member.length(), MAX_MEMBER_LENGTH));
        }
        if (!ttl.isPositive()) {
            throw new IllegalArgumentException("presence needs a time to live ttl=" + ttl);
        }
        var lease = new Lease(info, clock.millis() + ttl.toMillis());
        topics.compute(
                topic,
                (_, present) -> {
                    var members =
                            present == null ? new ConcurrentHashMap<String, Lease>() : present;
                    members.put(member, lease);
                    return members;
                });
    }

    @Override
    public void remove(String topic, String member) {
        topics.computeIfPresent(
                topic,
                (_, members) -> {
                    members.remove(member);
                    return members.isEmpty() ? null : members;
                });
    }

    @Override
    public Map<String, String> members(String topic, int max) {
        long now = clock.millis();
        var found = new LinkedHashMap<String, String>();
        for (Map.Entry<String, Lease> member : leases(topic).entrySet()) {
            if (found.size() >= max) {
                break;
            }
            if (member.getValue().until > now) {
                found.put(member.getKey(), member.getValue().info);
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

    /** Takes out the leases that have expired. */
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
