package dev.longwave.broker.feed;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A log whose troubles a test makes by hand, and whose live path is the test. */
final class HandLog implements SharedLog {

    final Bus bus;
    final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    Runnable onRead = () -> {};
    boolean away;
    boolean unreadable;
    boolean inclusive; // whether a page has the entry at its start as well, against the contract
    @Nullable Position erasedUpTo; // which the tail tells
    boolean trimsEarly; // and says so with the tail
    @Nullable Position replicatedUpTo; // null if the replica does not lag

    HandLog(Bus bus) {
        this.bus = bus;
    }

    @Override
    public void listen(String topic) {
        calls.add("listen " + topic);
        checkThere();
    }

    @Override
    public void unlisten(String topic) {
        calls.add("unlisten " + topic);
    }

    @Override
    public Page read(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        calls.add("read " + topic);
        checkThere();
        if (unreadable) {
            throw new BrokerUnavailableException("unreadable, for a test");
        }
        Page page = bus.read(topic, start, until, maxEntries, maxBytes);
        onRead.run();
        if (inclusive) {
            var entries = new ArrayList<>(bus.entries(topic));
            entries.removeIf(entry -> page.from().isAfter(entry.position()));
            return Page.of(entries, page.coverage(), page.from(), false);
        }
        Position bound = replicatedUpTo;
        if (bound == null || !bound.sameEpoch(page.from())) {
            return page;
        }
        List<Entry> copied =
                page.entries().stream().filter(e -> !e.position().isAfter(bound)).toList();
        return Page.of(copied, page.coverage(), page.from(), false);
    }

    @Override
    public Map<String, Tail> tails(Collection<String> topics) {
        calls.add("tails " + topics.size());
        checkThere();
        var tails = new HashMap<String, Tail>();
        for (String topic : topics) {
            Tail tail = bus.tail(topic);
            boolean says = trimsEarly && tail.isEmpty();
            Tail told = says ? Tail.empty(tail.position(), bus.trimmed(topic)) : tail;
            tails.put(topic, told.erased(erasedUpTo));
        }
        return tails;
    }

    private void checkThere() {
        if (away) {
            throw new BrokerUnavailableException("away, for a test");
        }
    }
}
