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
    private final Keys keys;

    RedisPresence(Server server, Keys keys) {
        this.server = server;
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
            calls.add(new Server.Call(Script.PRESENCE_PUT, names(each.getKey()), each.getValue()));
        }
        var _ = server.run("keep members", calls, true);
    }

    @Override
    public void remove(String topic, String memberId) {
        var call =
                new Server.Call(
                        Script.PRESENCE_REMOVE, names(topic), List.of(Keys.bytes(memberId)));
        var _ = server.run("remove a member", call, true);
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
        var call =
                new Server.Call(
                        Script.PRESENCE_READ,
                        names(topic),
                        List.of(Keys.bytes(after), number(max)));
        List<Reply> reply = server.run("read members", call, true).items();
        var members = new ArrayList<Member>(reply.size() / 2);
        for (int i = 0; i < reply.size(); i += 2) {
            members.add(Member.of(reply.get(i).utf8(), reply.get(i + 1).utf8()));
        }
        return members;
    }

    @Override
    public long count(String topic) {
        var call = new Server.Call(Script.PRESENCE_COUNT, List.of(keys.leases(topic)), List.of());
        return server.run("count members", call, true).number();
    }

    private List<byte[]> names(String topic) {
        return List.of(keys.leases(topic), keys.leaseOrder(topic), keys.leaseInfo(topic));
    }

    private static byte[] number(long number) {
        return Keys.bytes(Long.toString(number));
    }
}
