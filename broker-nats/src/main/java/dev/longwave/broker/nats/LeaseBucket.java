package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerUnavailableException;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.Message;
import io.nats.client.PurgeOptions;
import io.nats.client.Subscription;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A key-value bucket whose entries are leases: each is over after a while, unless it is renewed.
 * Safe for many threads; all that asks the servers throws {@link BrokerUnavailableException} when
 * no answer came in time.
 */
final class LeaseBucket {
    /*
     * An entry is the one message of the subject "$KV.<bucket>.<key>", where the tools for
     * key-value buckets look for it.
     *
     * Who ends a lease. From 2.11 the servers delete a message when its own time is over, counted
     * in whole seconds: a lease may last up to one longer. Older ones ignore that header without a
     * word, and newer ones refuse it in a bucket that was made without. So it is the bucket's
     * configuration, as the servers tell it, that decides. Where they do not end leases, each says
     * in a header of ours how long it is, and is over once that has passed since the time stamp
     * that the servers gave it. Who finds such a one takes it over or deletes it by its revision,
     * so that what was renewed meanwhile is spared; what nobody looks for goes after LONGEST.
     *
     * What time it is, is then asked of the servers too: they stamp a message, and from the moment
     * in which that was read this JVM's monotonic clock goes on. As the message was older by then,
     * the time told is never ahead of theirs, and no lease ends early. No node's wall clock has a
     * part in it.
     *
     * Reading many goes by "direct get" in batches, which costs one request for each batch and
     * nothing on the servers afterwards. Before 2.11 they ignore "batch" too, and send one message
     * without saying how many follow: it is then asked for one after another.
     */

    /** No lease can be longer. */
    static final Duration LONGEST = Duration.ofDays(1);

    private static final int NO_MESSAGE_FOUND = 10037;
    private static final int STREAM_NOT_FOUND = 10059;
    private static final int WRONG_LAST_SEQUENCE = 10071;
    private static final int WRONG_LAST_SEQUENCE_IN_CLUSTER = 10164; // another one is in process

    private static final String LENGTH = "Longwave-Lease-Millis";
    private static final String CLOCK_KEY = "="; // no token of a text has this character
    private static final long CLOCK_GOOD_FOR_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int BATCH = 500;
    private static final byte[] NOTHING = {};

    private final Connection connection;
    private final JetStream jetStream;
    private final JetStreamManagement management;
    private final Duration timeout;
    private final String stream;
    private final String prefix;
    private final boolean endedByServers;
    private final AtomicReference<@Nullable Reading> clock = new AtomicReference<>();

    /**
     * A lease as it was found, over or not.
     *
     * @param since when it began, by the servers' clock
     * @param length how long it is; {@link #LONGEST} if that is not known
     */
    record Lease(String key, long revision, Instant since, Duration length, String value) {}

    /** What time it was for the servers, at a moment of this JVM's monotonic clock. */
    private record Reading(Instant time, long nanos) {}

    /** Some leases. {@code pending} is how many follow, the first included; negative if unknown. */
    private record Batch(List<Lease> leases, long pending) {}

    /** Something that the client library does. */
    private interface Request<T extends @Nullable Object> {
        T send() throws IOException, JetStreamApiException;
    }

    private LeaseBucket(
            Connection connection,
            JetStream jetStream,
            JetStreamManagement management,
            StreamConfiguration configuration,
            Duration timeout) {
        this.connection = connection;
        this.jetStream = jetStream;
        this.management = management;
        this.timeout = timeout;
        this.stream = configuration.getName();
        this.prefix = prefix(configuration);
        this.endedByServers = configuration.getAllowMessageTtl();
    }

    /** {@return what a bucket is like; the caller says what kind of storage it has} */
    static StreamConfiguration.Builder named(String bucket, int replicas) {
        return StreamConfiguration.builder()
                .name("KV_" + bucket)
                .subjects("$KV." + bucket + ".>")
                .maxMessagesPerSubject(1)
                .maxAge(LONGEST)
                .allowRollup(true)
                .allowMessageTtl()
                .replicas(replicas);
    }

    /**
     * {@return the bucket, which is created if it is not there}
     *
     * @throws BrokerConfigurationException if it is there and not like that, or there is no
     *     JetStream
     */
    static LeaseBucket open(Connection connection, StreamConfiguration wanted, Duration timeout) {
        if (!connection.getServerInfo().isJetStreamAvailable()) {
            throw new BrokerConfigurationException(
                    "the servers have no JetStream, and so no key-value buckets version="
                            + connection.getServerInfo().getVersion());
        }
        var options = JetStreamOptions.builder().requestTimeout(timeout).build();
        return asked(
                "open",
                wanted.getName(),
                () -> {
                    JetStreamManagement management = connection.jetStreamManagement(options);
                    StreamConfiguration found = findOrCreate(management, wanted);
                    check(found, wanted);
                    return new LeaseBucket(
                            connection, connection.jetStream(options), management, found, timeout);
                });
    }

    private static StreamConfiguration findOrCreate(
            JetStreamManagement management, StreamConfiguration wanted)
            throws IOException, JetStreamApiException {
        StreamInfo info;
        try {
            info = management.getStreamInfo(wanted.getName());
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != STREAM_NOT_FOUND) {
                throw e;
            }
            info = management.addStream(wanted); // no error if another node was faster
        }
        return info.getConfiguration();
    }

    private static void check(StreamConfiguration found, StreamConfiguration wanted) {
        boolean fits =
                found.getSubjects().equals(wanted.getSubjects())
                        && found.getMaxMsgsPerSubject() == wanted.getMaxMsgsPerSubject()
                        && found.getMaxAge().equals(wanted.getMaxAge())
                        && found.getAllowDirect() == wanted.getAllowDirect()
                        && !found.getDenyDelete()
                        && !found.getDenyPurge();
        if (!fits) {
            throw new BrokerConfigurationException(
                    ("the bucket is there, and not as it must be: delete it, or change it"
                                    + " stream=%s subjects=%s max_msgs_per_subject=%d max_age=%s"
                                    + " allow_direct=%s deny_delete=false deny_purge=false")
                            .formatted(
                                    wanted.getName(),
                                    wanted.getSubjects(),
                                    wanted.getMaxMsgsPerSubject(),
                                    wanted.getMaxAge(),
                                    wanted.getAllowDirect()));
        }
    }

    /** {@return whether a lease that is over is gone, so that all that are found still run} */
    boolean endedByServers() {
        return endedByServers;
    }

    /** Begins a lease, or begins it anew. */
    void put(String key, String value, Duration length) {
        Headers headers = length(length);
        byte[] data = value.getBytes(StandardCharsets.UTF_8);
        asked("put", stream, () -> jetStream.publish(prefix + key, headers, data));
    }

    /** Begins a lease if there is none. {@return whether there was none} */
    boolean create(String key, Duration length) {
        return replace(key, 0, length);
    }

    /**
     * Begins a lease in place of one that was found. {@return false if it was not there any more}
     */
    boolean replace(String key, long revision, Duration length) {
        Headers headers =
                length(length).add("Nats-Expected-Last-Subject-Sequence", Long.toString(revision));
        return asked(
                "replace",
                stream,
                () -> {
                    try {
                        jetStream.publish(prefix + key, headers, NOTHING);
                        return true;
                    } catch (JetStreamApiException e) {
                        return switch (e.getApiErrorCode()) {
                            case WRONG_LAST_SEQUENCE, WRONG_LAST_SEQUENCE_IN_CLUSTER -> false;
                            default -> throw e;
                        };
                    }
                });
    }

    /** Ends a lease, or does nothing. */
    void remove(String key) {
        asked(
                "remove",
                stream,
                () -> management.purgeStream(stream, PurgeOptions.subject(prefix + key)));
    }

    /** {@return the lease with this key, over or not, if there is one} */
    Optional<Lease> find(String key) {
        return asked(
                "find",
                stream,
                () -> {
                    try {
                        MessageInfo info = management.getLastMessage(stream, prefix + key);
                        Instant since = Objects.requireNonNull(info.getTime()).toInstant();
                        Duration length = length(info.getHeaders());
                        return Optional.of(new Lease(key, info.getSeq(), since, length, ""));
                    } catch (JetStreamApiException e) {
                        if (e.getApiErrorCode() == NO_MESSAGE_FOUND) {
                            return Optional.empty();
                        }
                        throw e;
                    }
                });
    }

    /** {@return whether its time is over; never too early} */
    boolean isOver(Lease lease) {
        return !endedByServers && !lease.since.plus(lease.length).isAfter(now());
    }

    /**
     * Shows each lease that is not over to {@code visitor}, until that returns false.
     *
     * <p>One that is renewed meanwhile may come twice. Those that are over are deleted.
     *
     * @param filter keys, where {@code *} stands for any token
     * @param hint how many are likely to be wanted
     */
    void visit(String filter, int hint, Predicate<Lease> visitor) {
        long from = 1;
        while (true) {
            Batch batch = batch(filter, from, Math.clamp(hint, 1, BATCH));
            for (Lease lease : batch.leases) {
                from = lease.revision + 1;
                if (isOver(lease)) {
                    delete(lease);
                } else if (!visitor.test(lease)) {
                    return;
                }
            }
            boolean last = batch.pending >= 0 && batch.pending <= batch.leases.size();
            if (last || batch.leases.isEmpty()) {
                return;
            }
        }
    }

    /**
     * {@return how many leases match, where the servers can count them: if they end them, and say
     * what follows; negative if they cannot}
     */
    long counted(String filter) {
        if (!endedByServers) {
            return -1;
        }
        Batch first = batch(filter, 1, 1);
        return first.leases.isEmpty() ? 0 : first.pending;
    }

    private void delete(Lease lease) {
        asked(
                "delete",
                stream,
                () -> {
                    try {
                        return management.deleteMessage(stream, lease.revision, false);
                    } catch (JetStreamApiException _) {
                        return false; // renewed, or deleted by another node
                    }
                });
    }

    private Batch batch(String filter, long from, int max) {
        String inbox = connection.createInbox();
        String request =
                "{\"seq\":%d,\"next_by_subj\":\"%s\",\"batch\":%d}"
                        .formatted(from, prefix + filter, max);
        return asked(
                "read",
                stream,
                () -> {
                    Subscription answers = connection.subscribe(inbox);
                    try {
                        connection.publish(
                                "$JS.API.DIRECT.GET." + stream,
                                inbox,
                                request.getBytes(StandardCharsets.US_ASCII));
                        return receive(answers);
                    } finally {
                        answers.unsubscribe();
                    }
                });
    }

    private Batch receive(Subscription answers) throws IOException {
        var leases = new ArrayList<Lease>();
        long pending = 0;
        while (true) {
            Message answer = next(answers);
            if (answer.isStatusMessage()) {
                int code = answer.getStatus().getCode();
                if (code != 204 && code != 404) { // the end, or nothing there
                    throw new IOException("status=" + code);
                }
                return new Batch(leases, pending);
            }
            Headers headers = answer.getHeaders();
            leases.add(lease(headers, answer.getData()));
            String left = headers.getFirst("Nats-Num-Pending");
            if (left == null) {
                return new Batch(leases, -1);
            }
            if (leases.size() == 1) {
                pending = Long.parseLong(left) + 1;
            }
        }
    }

    private Message next(Subscription answers) throws IOException {
        try {
            Message answer = answers.nextMessage(timeout);
            if (answer == null) {
                throw new IOException("no answer in time");
            }
            return answer;
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private Lease lease(Headers headers, byte[] data) throws IOException {
        String subject = headers.getFirst("Nats-Subject");
        String revision = headers.getFirst("Nats-Sequence");
        String since = headers.getFirst("Nats-Time-Stamp");
        if (subject == null || revision == null || since == null) {
            throw new IOException("an answer without subject, sequence or time");
        }
        return new Lease(
                subject.substring(prefix.length()),
                Long.parseLong(revision),
                Instant.parse(since),
                length(headers),
                new String(data, StandardCharsets.UTF_8));
    }

    private Headers length(Duration length) {
        if (!length.isPositive() || length.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "a lease needs a time to live ttl=%s max=%s".formatted(length, LONGEST));
        }
        // Rounded up, for what is less than a whole one the servers would cut off, or refuse.
        return endedByServers
                ? new Headers().add("Nats-TTL", length.plusNanos(999_999_999).toSeconds() + "s")
                : new Headers().add(LENGTH, Long.toString(length.plusNanos(999_999).toMillis()));
    }

    private static Duration length(@Nullable Headers headers) {
        String millis = headers == null ? null : headers.getFirst(LENGTH);
        return millis == null ? LONGEST : Duration.ofMillis(Long.parseLong(millis));
    }

    /** {@return the servers' time, or a little earlier} */
    private Instant now() {
        Reading reading = clock.get();
        if (reading == null || System.nanoTime() - reading.nanos > CLOCK_GOOD_FOR_NANOS) {
            reading = readClock();
            clock.set(reading);
        }
        return reading.time.plusNanos(System.nanoTime() - reading.nanos);
    }

    private Reading readClock() {
        put(CLOCK_KEY, "", LONGEST);
        // If it is another node's by now, it is later, and still older than the answer.
        Instant time = find(CLOCK_KEY).map(Lease::since).orElse(Instant.EPOCH);
        return new Reading(time, System.nanoTime());
    }

    private static String prefix(StreamConfiguration configuration) {
        String subjects = configuration.getSubjects().getFirst();
        return subjects.substring(0, subjects.length() - 1); // without the ">"
    }

    private static <T extends @Nullable Object> T asked(
            String what, String stream, Request<T> request) {
        try {
            return request.send();
        } catch (JetStreamApiException e) {
            throw new BrokerUnavailableException(
                    "cannot %s stream=%s error=%s".formatted(what, stream, e.getErrorDescription()),
                    e);
        } catch (IOException | IllegalStateException e) {
            if (e.getCause() instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new BrokerUnavailableException(
                    "no answer, cannot %s stream=%s".formatted(what, stream), e);
        }
    }
}
