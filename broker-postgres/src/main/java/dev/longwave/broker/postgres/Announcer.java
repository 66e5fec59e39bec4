package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.Position;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;

/** Announces the events of this node to all nodes, from one thread, soon after they commit. */
final class Announcer implements AutoCloseable {
    /*
     * A transaction that notifies holds a server-wide lock while it commits: see Notifier. Publishing
     * therefore does not notify. Instead, one thread notifies for all publishers: it waits briefly for
     * more events, and sends only the newest sequence of each topic. A failed announcement is dropped,
     * because the tail check finds the event.
     */
    private static final Logger LOGGER = System.getLogger(Announcer.class.getName());

    private static final long COALESCE_MILLIS = 5;

    private final Notifier notifier;
    private final PendingTopics pending = new PendingTopics();
    private final Thread sender =
            Thread.ofVirtual().name("longwave-postgres-announcer").unstarted(this::send);

    Announcer(Notifier notifier) {
        this.notifier = notifier;
    }

    void start() {
        sender.start();
    }

    /** Queues the announcement of a committed event. */
    void add(String topic, Position position) {
        pending.add(topic, Announcement.Place.of(position));
    }

    /** Sends one notification at once. It is dropped if that fails, as others are. */
    void send(String payload) {
        notifyAll(List.of(payload));
    }

    private void send() {
        try {
            while (true) {
                Map<String, Announcement.Place> taken = pending.take(COALESCE_MILLIS);
                if (taken.isEmpty()) {
                    return;
                }
                notifyAll(Announcement.payloads(taken));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the announcer is closed
        } catch (IllegalStateException _) {
            // The database is closed.
        }
    }

    private void notifyAll(List<String> payloads) {
        try {
            notifier.send("notify", payloads);
        } catch (BrokerException e) {
            LOGGER.log(Level.DEBUG, "cannot announce payloads=" + payloads.size(), e);
        }
    }

    @Override
    public void close() {
        pending.close();
        Threads.stop(sender);
    }
}
