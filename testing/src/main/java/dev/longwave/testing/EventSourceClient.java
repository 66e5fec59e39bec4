package dev.longwave.testing;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An {@code EventSource}: WHATWG HTML, section 9.2, to the letter, but for redirects and CORS.
 *
 * <p>It connects at once, again whenever the connection is lost, and stops for good on an answer
 * that is not a stream. What it saw can be asked and waited for from any thread; a wait that ends
 * in vain throws an {@link AssertionError} which says how things stand.
 */
public final class EventSourceClient implements AutoCloseable {
    /*
     * One virtual thread connects, reads and dispatches. What others may ask is guarded by the lock, and each
     * change is signalled. close() does not interrupt: on a shared HTTP/2 connection an interrupt
     * could hit a write, and would close the connection for all.
     */

    /** Where the source is in its life. */
    public enum State {
        /** On its way to a stream: for the first time, or again. */
        CONNECTING,
        /** A stream has begun. */
        OPEN,
        /** Closed here. */
        CLOSED,
        /** Stopped for good by an answer of the server. */
        FAILED
    }

    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private final URI uri;
    private final Transport transport;
    private final @Nullable Duration fixedDelay;
    private final @Nullable Consumer<ReceivedEvent> listener;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All guarded by the lock.
    private final List<ReceivedEvent> events = new ArrayList<>();
    private final List<String> cursors = new ArrayList<>();
    private State state = State.CONNECTING;
    private String lastEventId = "";
    private Duration reconnectionTime = Duration.ofSeconds(3);
    private int opens;
    private int status;
    private String trouble = "none";
    private Transport.@Nullable Exchange exchange;

    private EventSourceClient(Builder builder) {
        this.uri = builder.uri;
        this.transport = builder.transport;
        this.fixedDelay = builder.fixedDelay;
        this.listener = builder.listener;
    }

    /** {@return a source for {@code uri}, not yet opened} */
    public static Builder to(URI uri) {
        return new Builder(uri);
    }

    /** What can be chosen before the source is opened. */
    public static final class Builder {
        private final URI uri;
        private Transport transport = Protocol.HTTP_1;
        private @Nullable Duration fixedDelay;
        private @Nullable Consumer<ReceivedEvent> listener;

        private Builder(URI uri) {
            this.uri = uri;
        }

        /** How to reach the server; HTTP/1.1 unless said. */
        public Builder over(Transport value) {
            transport = value;
            return this;
        }

        /** Waits that long before each reconnection, whatever the server asks for. */
        public Builder reconnectAfter(Duration value) {
            fixedDelay = value;
            return this;
        }

        /**
         * Gives each event to {@code value}, on the source's thread, instead of keeping it. What it
         * throws fails the source.
         */
        public Builder onEvent(Consumer<ReceivedEvent> value) {
            listener = value;
            return this;
        }

        /** Opens the source: it begins to connect. */
        public EventSourceClient open() {
            var client = new EventSourceClient(this);
            Thread.ofVirtual().name("event source").start(client::run);
            return client;
        }
    }

    /** {@return the events so far; none if there is a listener} */
    public List<ReceivedEvent> events() {
        return locked(() -> List.copyOf(events));
    }

    public State state() {
        return locked(() -> state);
    }

    /** {@return the last event id string, empty if there is none} */
    public String lastEventId() {
        return locked(() -> lastEventId);
    }

    /** {@return the {@code Last-Event-ID} of each connect so far, empty where it was not sent} */
    public List<String> cursorsSent() {
        return locked(() -> List.copyOf(cursors));
    }

    /** {@return how often it tried to connect} */
    public int connects() {
        return locked(cursors::size);
    }

    /** {@return how often a stream began} */
    public int opens() {
        return locked(() -> opens);
    }

    /** {@return the status of the latest answer, 0 if there was none} */
    public int status() {
        return locked(() -> status);
    }

    /** {@return what the server set with {@code retry}, else three seconds} */
    public Duration reconnectionTime() {
        return locked(() -> reconnectionTime);
    }

    /** Waits for a stream, the first or another one. */
    public void awaitOpen() {
        await("an open stream", TIMEOUT, () -> state == State.OPEN);
    }

    /** Waits until {@code count} streams have begun. */
    public void awaitOpens(int count) {
        await(count + " streams", TIMEOUT, () -> opens >= count);
    }

    /** Waits until there are {@code count} events or more, and gives all there are. */
    public List<ReceivedEvent> awaitEvents(int count) {
        await(count + " events", TIMEOUT, () -> events.size() >= count);
        return events();
    }

    /**
     * Waits until the events fulfil {@code condition}, which is asked after each change and must
     * not ask this source.
     */
    public List<ReceivedEvent> awaitEvents(
            String what, Duration timeout, Predicate<List<ReceivedEvent>> condition) {
        List<ReceivedEvent> view = Collections.unmodifiableList(events);
        await(what, timeout, () -> condition.test(view));
        return events();
    }

    /** Waits until the last event id string is {@code id}. */
    public void awaitLastEventId(String id) {
        await("the last event id " + id, TIMEOUT, () -> lastEventId.equals(id));
    }

    /**
     * Waits until the last event id string fulfils {@code condition}, which must not ask this
     * source.
     */
    public void awaitLastEventId(String what, Predicate<String> condition) {
        await(what, TIMEOUT, () -> condition.test(lastEventId));
    }

    /** Waits until the source has stopped for good: closed here or failed. */
    public void awaitClosed() {
        await("the end", TIMEOUT, this::stopped);
    }

    /** Closes the source. An event that is just being dispatched may still come. */
    @Override
    public void close() {
        Transport.Exchange current;
        lock.lock();
        try {
            if (!stopped()) {
                state = State.CLOSED;
            }
            current = exchange;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (current != null) {
            current.close();
        }
    }

    @Override
    public String toString() {
        return locked(() ->
                "EventSource %s state=%s connects=%d opens=%d status=%d events=%d lastEventId=%s trouble=%s last=%s"
                        .formatted(
                                uri,
                                state,
                                cursors.size(),
                                opens,
                                status,
                                events.size(),
                                lastEventId,
                                trouble,
                                events.isEmpty() ? "none" : shown(events.getLast())));
    }

    private static String shown(ReceivedEvent event) {
        return event.toString().substring(0, Math.min(200, event.toString().length()));
    }

    private void run() {
        try {
            while (connectAndRead()) {
                // Again.
            }
        } catch (RuntimeException | Error e) {
            fail("a listener threw " + e);
        }
    }

    /** Returns whether to connect again. */
    private boolean connectAndRead() {
        try (Transport.Exchange current = transport.get(uri, requestHeaders())) {
            if (!began(current)) {
                return false;
            }
            ResponseHead head = current.head();
            if (!announced(head)) {
                return false;
            }
            read(current.body());
            lost("the stream ended");
        } catch (IOException e) {
            lost(e.toString());
        }
        return awaitReconnection();
    }

    private Map<String, String> requestHeaders() {
        var headers = new LinkedHashMap<String, String>();
        headers.put("Accept", "text/event-stream");
        headers.put("Cache-Control", "no-cache");
        lock.lock();
        try {
            cursors.add(lastEventId);
            if (!lastEventId.isEmpty()) {
                headers.put("Last-Event-ID", lastEventId);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return headers;
    }

    private boolean began(Transport.Exchange current) {
        return locked(() -> {
            exchange = current;
            return !stopped();
        });
    }

    private boolean announced(ResponseHead head) {
        boolean stream = head.status() == 200 && head.mediaType().equals("text/event-stream");
        return locked(() -> {
            if (stopped()) {
                return false;
            }
            status = head.status();
            state = stream ? State.OPEN : State.FAILED;
            if (stream) {
                opens++;
            } else {
                trouble = "answer status=%d type=%s".formatted(status, head.mediaType());
            }
            changed.signalAll();
            return stream;
        });
    }

    private void read(InputStream body) throws IOException {
        var parser = new EventStreamParser(new Dispatcher());
        var bytes = new byte[16 * 1024];
        for (int count = body.read(bytes); count >= 0; count = body.read(bytes)) {
            parser.accept(bytes, 0, count);
        }
    }

    private void lost(String reason) {
        lock.lock();
        try {
            exchange = null;
            trouble = reason;
            if (!stopped()) {
                state = State.CONNECTING;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void fail(String reason) {
        lock.lock();
        try {
            trouble = reason;
            state = State.FAILED;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns false if the source is stopped meanwhile. */
    private boolean awaitReconnection() {
        lock.lock();
        try {
            long left = (fixedDelay == null ? reconnectionTime : fixedDelay).toNanos();
            while (!stopped() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return !stopped();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts an event source", e);
        } finally {
            lock.unlock();
        }
    }

    private boolean stopped() {
        return state == State.CLOSED || state == State.FAILED;
    }

    private void await(String what, Duration timeout, BooleanSupplier condition) {
        lock.lock();
        try {
            long left = timeout.toNanos();
            while (!condition.getAsBoolean()) {
                if (left <= 0) {
                    throw new AssertionError("waited " + timeout + " for " + what + ": " + this);
                }
                if (state == State.FAILED) {
                    throw new AssertionError("failed on the way to " + what + ": " + this);
                }
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted in the wait for " + what + ": " + this);
        } finally {
            lock.unlock();
        }
    }

    private interface Question<T> {
        T answer();
    }

    private <T> T locked(Question<T> question) {
        lock.lock();
        try {
            return question.answer();
        } finally {
            lock.unlock();
        }
    }

    private final class Dispatcher implements EventStreamParser.Source {
        @Override
        public void lastEventId(String id) {
            lock.lock();
            try {
                lastEventId = id;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void event(String type, String data) {
            ReceivedEvent event =
                    new ReceivedEvent(EventSourceClient.this.lastEventId(), type, data);
            lock.lock();
            try {
                if (stopped()) {
                    return;
                }
                if (listener == null) {
                    events.add(event);
                }
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            if (listener != null) {
                listener.accept(event);
            }
        }

        @Override
        public void reconnectionTime(Duration time) {
            lock.lock();
            try {
                reconnectionTime = time;
            } finally {
                lock.unlock();
            }
        }
    }
}
