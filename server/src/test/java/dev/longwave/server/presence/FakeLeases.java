package dev.longwave.server.presence;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.testing.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Leases by a clock that the test moves, of a broker that can be away. For one thread. */
final class FakeLeases implements Leases {

    private final TestClock clock;
    private final Map<Lease.Key, Kept> kept = new LinkedHashMap<>();
    private boolean away;
    private boolean readOnly;
    private int reads;

    private record Kept(Lease lease, Instant until) {}

    FakeLeases(TestClock clock) {
        this.clock = clock;
    }

    void away(boolean now) {
        away = now;
    }

    void readOnly(boolean now) {
        readOnly = now;
    }

    void loseAll() {
        kept.clear();
    }

    int reads() {
        return reads;
    }

    @Override
    public void put(List<Lease> some, Duration ttl) {
        check(readOnly);
        for (Lease lease : some) {
            kept.put(lease.key(), new Kept(lease, clock.instant().plus(ttl)));
        }
    }

    @Override
    public void remove(Lease.Key key) {
        check(readOnly);
        kept.remove(key);
    }

    @Override
    public List<Lease> in(String topic, int max) {
        reads++;
        check(false);
        return kept.values().stream()
                .filter(each -> each.until().isAfter(clock.instant()))
                .map(Kept::lease)
                .filter(lease -> lease.topic().equals(topic))
                .limit(max)
                .toList();
    }

    private void check(boolean refusing) {
        if (away || refusing) {
            throw new BrokerUnavailableException("away");
        }
    }
}
