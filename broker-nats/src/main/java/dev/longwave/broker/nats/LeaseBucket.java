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
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamInfoOptions;
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
     * All is read from the bucket's leader, never from a replica, which may be behind: so what was
     * put is there for all who read later. Reading many takes two answers: the keys that match,
     * and then their entries, which are asked for together.
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
    private static final int TOGETHER = 256;
    private static final byte[] NOTHING = {};

    private final Requests requests;
    private final JetStream jetStream;
    private final JetStreamManagement management;
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

    /** Something that the client library does. */
    private interface Request<T extends @Nullable Object> {
        T send() throws IOException, JetStreamApiException;
    }

    private LeaseBucket(
            Requests requests,
            JetStream jetStream,
            JetStreamManagement management,
            StreamConfiguration configuration) {
        this.requests = requests;
        this.jetStream = jetStream;
        this.management = management;
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
                            new Requests(connection, timeout),
                            connection.jetStream(options),
                            management,
                            found);
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
                        && !found.getDenyDelete()
                        && !found.getDenyPurge();
        if (!fits) {
            throw new BrokerConfigurationException(
                    ("the bucket is there, and not as it must be: delete it, or change it"
                                    + " stream=%s subjects=%s max_msgs_per_subject=%d max_age=%s"
                                    + " deny_delete=false deny_purge=false")
                            .formatted(
                                    wanted.getName(),
                                    wanted.getSubjects(),
                                    wanted.getMaxMsgsPerSubject(),
                                    wanted.getMaxAge()));
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
        return find(List.of(key)).stream().findFirst();
    }

    /** {@return whether its time is over; never too early} */
    boolean isOver(Lease lease) {
        return !endedByServers && !lease.since.plus(lease.length).isAfter(now());
    }

    /**
     * Shows each lease that is not over to {@code visitor}, until that returns false. Those that
     * are over are deleted.
     *
     * @param filter keys, where {@code *} stands for any token
     * @param hint how many are likely to be wanted
     */
    void visit(String filter, int hint, Predicate<Lease> visitor) {
        List<String> keys = keys(filter);
        int together = Math.clamp(hint, 1, TOGETHER);
        for (int from = 0; from < keys.size(); from += together) {
            for (Lease lease : find(keys.subList(from, Math.min(from + together, keys.size())))) {
                if (isOver(lease)) {
                    delete(lease);
                } else if (!visitor.test(lease)) {
                    return;
                }
            }
        }
    }

    /** {@return the keys of all leases that match, over or not} */
    List<String> keys(String filter) {
        return asked(
                "read the keys",
                stream,
                () ->
                        management
                                .getStreamInfo(
                                        stream, StreamInfoOptions.filterSubjects(prefix + filter))
                                .getStreamState()
                                .getSubjectMap()
                                .keySet()
                                .stream()
                                .map(subject -> subject.substring(prefix.length()))
                                .toList());
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

    /** {@return the leases with these keys, as far as they are there} */
    private List<Lease> find(List<String> keys) {
        List<byte[]> bodies =
                keys.stream()
                        .map(key -> "{\"last_by_subj\":\"" + prefix + key + "\"}")
                        .map(query -> query.getBytes(StandardCharsets.US_ASCII))
                        .toList();
        String api = "$JS.API.STREAM.MSG.GET." + stream;
        var found = new ArrayList<Lease>();
        for (Message reply : requests.askAll("read leases", api, bodies)) {
            var info = new MessageInfo(reply, stream, false);
            if (!info.hasError()) {
                found.add(lease(info));
            } else if (info.getApiErrorCode() != NO_MESSAGE_FOUND) {
                throw requests.unavailable("read leases", "the server says: " + info.getError());
            }
        }
        return found;
    }

    private Lease lease(MessageInfo info) {
        byte[] data = info.getData();
        return new Lease(
                Objects.requireNonNull(info.getSubject()).substring(prefix.length()),
                info.getSeq(),
                Objects.requireNonNull(info.getTime()).toInstant(),
                length(info.getHeaders()),
                data == null ? "" : new String(data, StandardCharsets.UTF_8));
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
