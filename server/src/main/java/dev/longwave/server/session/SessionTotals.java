package dev.longwave.server.session;

import dev.longwave.core.CloseReason;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What the streams that have ended have done. Safe for many threads. */
final class SessionTotals {

    private final Map<String, Kind> kinds = new ConcurrentHashMap<>();
    private final Map<CloseReason, LongAdder> ended =
            new EnumMap<>(CloseReason.class); // filled once
    private final LongAdder stalls = new LongAdder();

    /** Of one transport. */
    private static final class Kind {
        private final LongAdder opened = new LongAdder();
        private final LongAdder deliveries = new LongAdder();
        private final LongAdder bytes = new LongAdder();
    }

    SessionTotals() {
        for (CloseReason reason : CloseReason.values()) {
            ended.put(reason, new LongAdder());
        }
    }

    private Kind kind(String transport) {
        return kinds.computeIfAbsent(transport, _ -> new Kind());
    }

    void opened(String transport) {
        kind(transport).opened.increment();
    }

    void ended(EndedStream stream) {
        Kind kind = kind(stream.transport());
        kind.deliveries.add(stream.events());
        kind.bytes.add(stream.bytes());
        stalls.add(stream.stalls());
        LongAdder count = ended.get(stream.reason());
        if (count != null) {
            count.increment();
        }
    }

    long delivered() {
        return kinds.values().stream().mapToLong(kind -> kind.deliveries.sum()).sum();
    }

    /** {@return the figures of these and of {@code open} streams} */
    SessionFigures with(Iterable<Session> open) {
        var live = new HashMap<String, SessionFigures.Kind>();
        kinds.forEach((transport, kind) ->
                live.put(
                        transport,
                        new SessionFigures.Kind(
                                0, kind.opened.sum(), kind.deliveries.sum(), kind.bytes.sum())));
        long waiting = 0;
        long longest = 0;
        long waitingBytes = 0;
        int replaying = 0;
        long stalled = stalls.sum();
        for (Session session : open) {
            var one = new SessionFigures.Kind(1, 0, session.delivered(), session.bytesWritten());
            live.merge(session.transport(), one, SessionTotals::sum);
            long some = session.waiting();
            if (some < 0) {
                replaying++;
            } else {
                waiting += some;
                longest = Math.max(longest, some);
            }
            waitingBytes += session.waitingBytes();
            stalled += session.stalls();
        }
        Map<CloseReason, Long> reasons = new EnumMap<>(CloseReason.class);
        ended.forEach((reason, count) -> reasons.put(reason, count.sum()));
        return new SessionFigures(
                live, reasons, waiting, longest, waitingBytes, replaying, stalled);
    }

    private static SessionFigures.Kind sum(SessionFigures.Kind one, SessionFigures.Kind other) {
        return new SessionFigures.Kind(
                one.open() + other.open(),
                one.opened() + other.opened(),
                one.deliveries() + other.deliveries(),
                one.bytes() + other.bytes());
    }
}
