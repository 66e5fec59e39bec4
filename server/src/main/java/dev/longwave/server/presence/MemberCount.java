package dev.longwave.server.presence;

import java.util.concurrent.atomic.AtomicInteger;

/** How many members all views of a node may have together. Safe for many threads. */
final class MemberCount {

    private final int max;
    private final AtomicInteger count = new AtomicInteger();

    MemberCount(int max) {
        this.max = max;
    }

    /** {@return whether there is room for one more, which then counts} */
    boolean add() {
        if (count.incrementAndGet() > max) {
            count.decrementAndGet();
            return false;
        }
        return true;
    }

    void remove(int members) {
        count.addAndGet(-members);
    }

    /** {@return how many more there may be} */
    int room() {
        return max - count.get();
    }

    int max() {
        return max;
    }
}
