package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads many messages with one request, from any replica: a batched direct get, which servers
 * support from 2.11 on. See ADR-31 of NATS.
 */
final class BatchReader {
    /*
     * The servers choose the replica that answers, which may lag behind, hang, or be too old for
     * batches. So a batch may have fewer messages than there are, or none, and then the leader is
     * asked.
     *
     * Each message names the one that was sent before it. So a message that is lost on the way, for
     * example by a reconnection, is noticed, and those after it are ignored. A server without batches
     * does not do this, and sends a single message.
     */
    private static final Duration MAX_WAIT = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final int MAX_BYTES = 4 << 20;
    private static final int MAX_MESSAGES = 1000;

    private static final String SUBJECT = "Nats-Subject";
    private static final String SEQUENCE = "Nats-Sequence";
    private static final String TIME = "Nats-Time-Stamp";
    private static final String PREVIOUS = "Nats-Last-Sequence";
    private static final String PENDING = "Nats-Num-Pending";

    private final Connection connection;
    private final Requests requests;
    private final String api;
    private final Duration wait;
    private final String inbox;
    private final AtomicLong next = new AtomicLong();
    private final Map<String, Reading> readings = new ConcurrentHashMap<>();
    private volatile long pauseUntil = System.nanoTime(); // after a replica has not answered

    BatchReader(Connection connection, Requests requests, String stream) {
        this.connection = connection;
        this.requests = requests;
        this.api = "$JS.API.DIRECT.GET." + stream;
        Duration quarter = requests.timeout().dividedBy(4);
        this.wait = quarter.compareTo(MAX_WAIT) < 0 ? quarter : MAX_WAIT;
        this.inbox = connection.createInbox() + '.';
        Dispatcher dispatcher = connection.createDispatcher(this::receive);
        dispatcher.subscribe(inbox + '*');
    }

    /**
     * {@return messages of {@code subject} from {@code sequence} on, without a hole between them;
     * possibly fewer than there are, or none}
     *
     * @param maxMessages how many messages to return at most
     * @param maxBytes about how many bytes to return at most
     */
    List<StoredMessage> read(String subject, long sequence, int maxMessages, int maxBytes) {
        if (System.nanoTime() - pauseUntil < 0) {
            return List.of();
        }
        String reply = inbox + next.incrementAndGet();
        var reading = new Reading();
        readings.put(reply, reading);
        requests.register(reading.done);
        String query =
                "{\"seq\":%d,\"next_by_subj\":\"%s\",\"batch\":%d,\"max_bytes\":%d}"
                        .formatted(
                                sequence,
                                subject,
                                Math.min(maxMessages, MAX_MESSAGES),
                                Math.min(maxBytes, MAX_BYTES));
        try {
            connection.publish(api, reply, query.getBytes(StandardCharsets.UTF_8));
            reading.done.get(wait.toNanos(), TimeUnit.NANOSECONDS);
            return reading.messages();
        } catch (TimeoutException _) {
            pauseUntil = System.nanoTime() + PAUSE.toNanos();
            return reading.messages();
        } catch (IllegalStateException | ExecutionException _) {
            return List.of(); // not connected
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while reading the stream", e);
        } finally {
            readings.remove(reply);
            reading.done.cancel(false);
        }
    }

    private void receive(Message message) {
        Reading reading = readings.get(message.getSubject());
        if (reading != null) {
            reading.add(message);
        }
    }

    /** {@return the message in the answer to a direct get, or null if there is none} */
    private static @Nullable StoredMessage stored(Headers headers, byte[] data) {
        String sequence = headers.getLast(SEQUENCE);
        String subject = headers.getLast(SUBJECT);
        String time = headers.getLast(TIME);
        if (sequence == null || subject == null || time == null) {
            return null;
        }
        return StoredMessage.of(
                Long.parseLong(sequence), subject, Instant.parse(time), headers, data);
    }

    /** A batch that is being read. */
    private static final class Reading {

        private final CompletableFuture<Boolean> done = new CompletableFuture<>();
        private final List<StoredMessage> messages = new ArrayList<>(); // guarded by this

        synchronized List<StoredMessage> messages() {
            return List.copyOf(messages);
        }

        void add(Message message) {
            if (done.isDone()) {
                return;
            }
            Headers headers = message.getHeaders();
            if (message.isStatusMessage()
                    || headers == null
                    || !accept(headers, message.getData())) {
                done.complete(true); // the end, no message, no server, or a hole
            } else if (headers.getLast(PENDING) == null) {
                done.complete(true); // a server without batches
            }
        }

        private synchronized boolean accept(Headers headers, byte[] data) {
            StoredMessage stored = stored(headers, data);
            if (stored == null) {
                return false;
            }
            String previous = headers.getLast(PREVIOUS);
            if (!messages.isEmpty()
                    && !Objects.equals(previous, Long.toString(messages.getLast().sequence()))) {
                return false;
            }
            messages.add(stored);
            return true;
        }
    }
}
