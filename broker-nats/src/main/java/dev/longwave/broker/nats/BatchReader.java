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
 * Reads many messages with one request, from any replica: a batched direct get, which servers have
 * from 2.11 on. See NATS' ADR-31.
 */
final class BatchReader {
    /*
     * Which replica answers is the servers' choice, and it may lag behind, stand still, or be too old
     * to know of batches. So what comes is a help and no more: it may be less than there is, or
     * nothing, and then the leader is asked.
     *
     * Each message says which one was sent before it, so that one that was lost on the way, as by a
     * reconnection, is noticed: what follows it is not taken. A server that does not know of batches
     * says nothing of the kind, and sends one message.
     */
    private static final Duration MAX_WAIT = Duration.ofSeconds(1);
    private static final Duration REST = Duration.ofSeconds(5);
    private static final int MOST_BYTES = 4 << 20;
    private static final int MOST_MESSAGES = 1000;

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
    private volatile long restUntil = System.nanoTime(); // after a replica that did not answer

    BatchReader(Connection connection, Requests requests, String stream) {
        this.connection = connection;
        this.requests = requests;
        this.api = "$JS.API.DIRECT.GET." + stream;
        Duration quarter = requests.timeout().dividedBy(4);
        this.wait = quarter.compareTo(MAX_WAIT) < 0 ? quarter : MAX_WAIT;
        this.inbox = connection.createInbox() + '.';
        Dispatcher dispatcher = connection.createDispatcher(this::arrived);
        dispatcher.subscribe(inbox + '*');
    }

    /**
     * {@return messages of {@code subject} from {@code sequence} on, without a hole between those
     * returned, possibly none though there are some}
     *
     * @param most how many at most
     * @param mostBytes after about how many bytes to end
     */
    List<StoredMessage> read(String subject, long sequence, int most, int mostBytes) {
        if (System.nanoTime() - restUntil < 0) {
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
                                Math.min(most, MOST_MESSAGES),
                                Math.min(mostBytes, MOST_BYTES));
        try {
            connection.publish(api, reply, query.getBytes(StandardCharsets.UTF_8));
            reading.done.get(wait.toNanos(), TimeUnit.NANOSECONDS);
            return reading.taken();
        } catch (TimeoutException _) {
            restUntil = System.nanoTime() + REST.toNanos();
            return reading.taken();
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

    private void arrived(Message message) {
        Reading reading = readings.get(message.getSubject());
        if (reading != null) {
            reading.add(message);
        }
    }

    /** {@return the message that a direct get has answered with, or null if it is none} */
    private static @Nullable StoredMessage stored(Headers headers, byte[] data) {
        String sequence = headers.getLast(SEQUENCE);
        String subject = headers.getLast(SUBJECT);
        String time = headers.getLast(TIME);
        if (sequence == null || subject == null || time == null) {
            return null;
        }
        return new StoredMessage(
                Long.parseLong(sequence),
                subject,
                Instant.parse(time),
                Envelope.message(headers, data));
    }

    /** What has come of one batch. */
    private static final class Reading {

        private final CompletableFuture<Boolean> done = new CompletableFuture<>();
        private final List<StoredMessage> taken = new ArrayList<>(); // guarded by this

        synchronized List<StoredMessage> taken() {
            return List.copyOf(taken);
        }

        void add(Message message) {
            if (done.isDone()) {
                return;
            }
            Headers headers = message.getHeaders();
            if (message.isStatusMessage() || headers == null || !take(headers, message.getData())) {
                done.complete(true); // the end, nothing there, nobody there, or a hole
            } else if (headers.getLast(PENDING) == null) {
                done.complete(true); // it does not know of batches
            }
        }

        private synchronized boolean take(Headers headers, byte[] data) {
            StoredMessage stored = stored(headers, data);
            if (stored == null) {
                return false;
            }
            String previous = headers.getLast(PREVIOUS);
            if (!taken.isEmpty()
                    && !Objects.equals(previous, Long.toString(taken.getLast().sequence()))) {
                return false;
            }
            taken.add(stored);
            return true;
        }
    }
}
