package dev.longwave.broker.redis;

import dev.longwave.broker.Presence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The members of topics, as leases by the server's clock. Safe for many threads. */
final class RedisPresence implements Presence {
    /*
     * A topic has three keys in its bucket: a sorted set of ids by the time at which their leases end, a
     * sorted set of the same ids in their own order, from which pages are read, and a hash of what to tell
     * of each. Scripts change them together. All three expire with the last lease. A member that is put
     * removes some that have expired; readers skip them.
     */
    private static final int MAX_LEASES = 1000; // per round trip
    private static final long LONGEST_MILLIS = Duration.ofDays(365).toMillis();

    private final Server server;
    private final Writes writes;
    private final Keys keys;

    RedisPresence(Server server, Writes writes, Keys keys) {
        this.server = server;
        this.writes = writes;
        this.keys = keys;
    }

    @Override
    public void put(String topic, Member member, Duration ttl) {
        putAll(List.of(Lease.of(topic, member)), ttl);
    }

    @Override
    public void putAll(List<Lease> leases, Duration ttl) {
        if (!ttl.isPositive()) {
            throw new IllegalArgumentException("a lease needs a time to live ttl=" + ttl);
        }
        for (int from = 0; from < leases.size(); from += MAX_LEASES) {
            putTogether(leases.subList(from, Math.min(leases.size(), from + MAX_LEASES)), ttl);
        }
    }

    private void putTogether(List<Lease> leases, Duration ttl) {
        var byTopic = new LinkedHashMap<String, List<byte[]>>();
        byte[] millis = number(Math.clamp(ttl.toMillis(), 1, LONGEST_MILLIS));
        for (Lease lease : leases) {
            List<byte[]> values =
                    byTopic.computeIfAbsent(lease.topic(), _ -> new ArrayList<>(List.of(millis)));
            values.add(Keys.bytes(lease.member().id()));
            values.add(Keys.bytes(lease.member().info()));
        }
        var calls = new ArrayList<Server.Call>();
        for (Map.Entry<String, List<byte[]>> each : byTopic.entrySet()) {
            calls.add(call(Script.PRESENCE_PUT, each.getKey(), each.getValue()));
        }
        var _ = writes.run("keep members", calls);
    }

    @Override
    public void remove(String topic, String memberId) {
        List<byte[]> values = List.of(Keys.bytes(memberId));
        var _ = writes.run("remove a member", call(Script.PRESENCE_REMOVE, topic, values));
    }

    @Override
    public List<Member> members(String topic, int max) {
        return members(topic, "", max);
    }

    @Override
    public List<Member> members(String topic, String after, int max) {
        if (max < 1) {
            return List.of();
        }
        List<byte[]> values = List.of(Keys.bytes(after), number(max));
        List<Reply> reply =
                server.run("read members", call(Script.PRESENCE_READ, topic, values)).items();
        var members = new ArrayList<Member>(reply.size() / 2);
        for (int i = 0; i < reply.size(); i += 2) {
            members.add(Member.of(reply.get(i).utf8(), reply.get(i + 1).utf8()));
        }
        return members;
    }

    @Override
    public long count(String topic) {
        return server.run("count members", call(Script.PRESENCE_COUNT, topic, List.of())).number();
    }

    private Server.Call call(Script script, String topic, List<byte[]> values) {
        List<byte[]> names =
                List.of(keys.leases(topic), keys.leaseOrder(topic), keys.leaseInfo(topic));
        return Server.Call.repeatable(Keys.bucket(topic), script, names, values);
    }

    private static byte[] number(long number) {
        return Keys.bytes(Long.toString(number));
    }
}
