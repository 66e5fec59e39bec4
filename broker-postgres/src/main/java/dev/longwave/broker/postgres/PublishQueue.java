package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.Publication;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The messages that wait to be stored, by topic. Safe for many threads. */
final class PublishQueue {
    /*
     * Each topic with waiting messages has a lane. A writer takes the messages of one or more lanes, and nobody takes
     * from these lanes until it gives them back, so the messages of a topic are stored in their order. The more messages
     * wait, the more are stored together.
     *
     * A lane whose topic is held by another transaction is moved aside: the writers do not touch it until it was stored
     * to once. Other threads wait for such topics: see Publisher.
     */
    static final int MAX_BATCH = 256; // messages per transaction
    static final long MAX_BATCH_BYTES = 1 << 20;

    private static final int MAX_OF_TOPIC = 4096; // messages
    private static final long MAX_BYTES_OF_TOPIC = 32 << 20;
    private static final int MAX_MESSAGES = 32_768;
    private static final long MAX_BYTES = 64 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition isReady = lock.newCondition();
    private final Condition isHeld = lock.newCondition();

    // All guarded by lock, and so are the lanes.
    private final Map<String, Lane> lanes = new HashMap<>();
    private final Deque<Lane> ready = new ArrayDeque<>();
    private final Deque<Lane> held = new ArrayDeque<>();
    private int messages;
    private long bytes;
    private boolean closed;

    /** The waiting messages of one topic. */
    static final class Lane {
        private final String topic;
        private final Deque<Submission.Pending> queue = new ArrayDeque<>();
        private long bytes;
        private boolean taken;
        private boolean isHeld;
        private long heldSince;

        private Lane(String topic) {
            this.topic = topic;
        }

        String topic() {
            return topic;
        }
    }

    /** Messages to be stored together, and the lanes that they were taken from. */
    record Batch(List<Lane> lanes, List<Submission.Pending> messages) {

        List<Publication> publications() {
            return messages.stream().map(Submission.Pending::publication).toList();
        }

        /** {@return whether nothing is to be stored} */
        boolean isDone() {
            return messages.stream().allMatch(Submission.Pending::isDone);
        }

        void fail(BrokerException failure) {
            messages.forEach(each -> each.fail(failure));
        }

        /** {@return a batch for each message, which belongs to no lane} */
        List<Batch> byMessage() {
            return messages.stream().map(each -> new Batch(List.of(), List.of(each))).toList();
        }

        /** {@return a batch for each lane} */
        List<Batch> byTopic() {
            return lanes.stream()
                    .map(lane ->
                            new Batch(
                                    List.of(lane),
                                    messages.stream()
                                            .filter(it -> it.topic().equals(lane.topic))
                                            .toList()))
                    .toList();
        }
    }

    /**
     * Adds messages, in order. One for which there is no room is refused, and so are those of its
     * topic after it.
     */
    void add(List<Submission.Pending> added) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the broker is closed");
            }
            for (Submission.Pending each : added) {
                add(each);
            }
        } finally {
            lock.unlock();
        }
    }

    private void add(Submission.Pending added) {
        if (added.isDone()) {
            return;
        }
        Lane lane = lanes.getOrDefault(added.topic(), new Lane(added.topic()));
        if (!hasRoom(lane, added.size())) {
            added.fail(
                    new BrokerRefusedException(
                            Reason.BUSY,
                            "too many messages wait to be stored messages=%d bytes=%d ofTopic=%d"
                                    .formatted(messages, bytes, lane.queue.size()),
                            null));
            return;
        }
        lanes.put(lane.topic, lane);
        lane.queue.add(added);
        count(lane, added, 1);
        if (lane.queue.size() == 1 && !lane.taken) {
            offer(lane);
        }
    }

    private boolean hasRoom(Lane lane, int size) {
        boolean room =
                lane.queue.size() < MAX_OF_TOPIC
                        && lane.bytes + size <= MAX_BYTES_OF_TOPIC
                        && messages < MAX_MESSAGES
                        && bytes + size <= MAX_BYTES;
        return room || messages == 0;
    }

    private void count(Lane lane, Submission.Pending message, int sign) {
        messages += sign;
        bytes += (long) sign * message.size();
        lane.bytes += (long) sign * message.size();
    }

    private void offer(Lane lane) {
        (lane.isHeld ? held : ready).add(lane);
        (lane.isHeld ? isHeld : isReady).signal();
    }

    /** Waits until there is something for writers. {@return false if the queue is closed} */
    boolean await() throws InterruptedException {
        return await(ready, isReady);
    }

    /** Waits until there is a topic that is held. {@return false if the queue is closed} */
    boolean awaitHeld() throws InterruptedException {
        return await(held, isHeld);
    }

    private boolean await(Deque<Lane> some, Condition changed) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (some.isEmpty() && !closed) {
                changed.await();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** {@return messages to be stored together, none of a topic that is held; possibly none} */
    Batch take() {
        return take(ready, Integer.MAX_VALUE);
    }

    /** {@return messages of one topic that is held; possibly none} */
    Batch takeHeld() {
        return take(held, 1);
    }

    private Batch take(Deque<Lane> some, int maxLanes) {
        lock.lock();
        try {
            var taken = new ArrayList<Submission.Pending>();
            var from = new ArrayList<Lane>();
            long size = 0;
            while (!some.isEmpty() && from.size() < maxLanes) {
                Lane lane = some.element();
                int before = taken.size();
                Submission.Pending next = next(lane);
                while (next != null && hasRoomFor(next, taken, size)) {
                    drop(lane);
                    taken.add(next);
                    size += next.size();
                    next = next(lane);
                }
                if (taken.size() > before) {
                    some.remove();
                    lane.taken = true;
                    from.add(lane);
                } else if (next == null) { // nothing in it is wanted any more
                    some.remove();
                    lanes.remove(lane.topic);
                }
                if (next != null) {
                    break;
                }
            }
            return new Batch(from, taken);
        } finally {
            lock.unlock();
        }
    }

    private static boolean hasRoomFor(
            Submission.Pending next, List<Submission.Pending> taken, long size) {
        return taken.isEmpty()
                || (taken.size() < MAX_BATCH && size + next.size() <= MAX_BATCH_BYTES);
    }

    /** {@return the first message in a lane whose outcome is open, or null} */
    private Submission.@Nullable Pending next(Lane lane) {
        Submission.Pending first = lane.queue.peek();
        while (first != null && first.isDone()) {
            drop(lane);
            first = lane.queue.peek();
        }
        return first;
    }

    private void drop(Lane lane) {
        count(lane, lane.queue.remove(), -1);
    }

    /** Gives lanes back after their messages were stored, or have failed. */
    void done(Batch batch) {
        lock.lock();
        try {
            for (Lane lane : batch.lanes) {
                giveBack(lane, false);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Puts back messages that were not stored, as another transaction holds their topic.
     *
     * @return those that their callers do not wait for any longer: they are not in the queue
     */
    List<Submission.Pending> putBack(Batch batch) {
        lock.lock();
        try {
            var expired = new ArrayList<Submission.Pending>();
            for (Submission.Pending each : batch.messages.reversed()) {
                Lane lane = lanes.get(each.topic());
                if (lane == null || each.isExpired()) {
                    expired.add(each);
                } else {
                    lane.queue.addFirst(each);
                    count(lane, each, 1);
                }
            }
            for (Lane lane : batch.lanes) {
                giveBack(lane, true);
            }
            return expired;
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(Lane lane, boolean isHeld) {
        lane.taken = false;
        if (isHeld && !lane.isHeld) {
            lane.heldSince = System.nanoTime();
        }
        lane.isHeld = isHeld;
        if (lane.queue.isEmpty()) {
            lanes.remove(lane.topic, lane);
        } else {
            offer(lane);
        }
    }

    /** {@return how many topics wait that are held} */
    int heldTopics() {
        lock.lock();
        try {
            return held.size();
        } finally {
            lock.unlock();
        }
    }

    /** {@return for how long the topics of a batch have been held} */
    Duration heldFor(Batch batch) {
        lock.lock();
        try {
            long now = System.nanoTime();
            return Duration.ofNanos(
                    batch.lanes.stream()
                            .filter(lane -> lane.isHeld)
                            .mapToLong(lane -> now - lane.heldSince)
                            .max()
                            .orElse(0));
        } finally {
            lock.unlock();
        }
    }

    /** {@return whether the topic is held by another transaction, as far as is known} */
    boolean isHeld(String topic) {
        lock.lock();
        try {
            Lane lane = lanes.get(topic);
            return lane != null && lane.isHeld;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes messages out that nobody has begun to store.
     *
     * @return those of them; the others are being stored, or are done
     */
    List<Submission.Pending> remove(List<Submission.Pending> some) {
        lock.lock();
        try {
            var removed = new ArrayList<Submission.Pending>();
            for (Submission.Pending each : some) {
                Lane lane = lanes.get(each.topic());
                if (lane != null && lane.queue.remove(each)) {
                    count(lane, each, -1);
                    removed.add(each);
                    if (lane.queue.isEmpty() && !lane.taken) {
                        (lane.isHeld ? held : ready).remove(lane);
                        lanes.remove(lane.topic);
                    }
                }
            }
            return removed;
        } finally {
            lock.unlock();
        }
    }

    /** Closes the queue. {@return what was in it} */
    List<Submission.Pending> close() {
        lock.lock();
        try {
            closed = true;
            var left = new ArrayList<Submission.Pending>();
            lanes.values().forEach(lane -> left.addAll(lane.queue));
            lanes.clear();
            ready.clear();
            held.clear();
            isReady.signalAll();
            isHeld.signalAll();
            return left;
        } finally {
            lock.unlock();
        }
    }
}
