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
import io.nats.client.api.PublishAck;
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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A key-value bucket whose entries are leases: each expires unless it is renewed. Safe for many
 * threads; methods that ask the servers throw {@link BrokerUnavailableException} if no answer
 * arrives in time.
 */
final class LeaseBucket {
    /*
     * An entry is the only message of the subject "$KV.<bucket>.<key>", where tools for key-value
     * buckets expect it.
     *
     * Ending leases. From 2.11 on, the servers delete a message when its own time to live is over.
     * They count whole seconds, so that a lease may last up to a second longer. Older servers silently
     * ignore the header, and newer ones refuse it in a bucket that was created without support for
     * it. So the bucket's configuration, as the servers return it, decides. Where the servers do not
     * end leases, each lease has its length in a header, and expires when that time has passed since
     * the server stored it. A node that finds an expired lease replaces it or deletes it by its
     * revision, so that one that was renewed meanwhile is kept. Leases that no node reads are removed
     * after LONGEST.
     *
     * The time then comes from the servers as well: they store a message with their time, and after
     * reading it this JVM's monotonic clock continues from there. The message was older when it was
     * read, so this time is never ahead of the servers', and no lease ends early. No node's wall clock
     * is used.
     *
     * Everything is read from the bucket's leader, never from a replica, which may lag behind: so a
     * lease is visible to all readers once it is stored. Reading several takes two round trips: one
     * for the matching keys, and one for their entries, which are requested together.
     */

    /** The longest lease possible. */
    static final Duration LONGEST = Duration.ofDays(1);

    private static final int STREAM_NOT_FOUND = 10059;
    private static final int WRONG_LAST_SEQUENCE = 10071;
    private static final int WRONG_LAST_SEQUENCE_IN_CLUSTER = 10164; // another one is being stored

    private static final String LENGTH = "Longwave-Lease-Millis";
    private static final String CLOCK_KEY = "="; // not a character of tokens
    private static final long CLOCK_VALID_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int BATCH = 256;
    private static final byte[] NO_DATA = {};

    private final Requests requests;
    private final JetStream jetStream;
    private final JetStreamManagement management;
    private final String stream;
    private final String prefix;
    private final boolean endedByServers;
    private final AtomicReference<@Nullable Reading> clock = new AtomicReference<>();

    /**
     * A lease that was read, expired or not.
     *
     * @param since when it began, by the servers' clock
     * @param length how long it lasts; {@link #LONGEST} if that is not known
     */
    record Lease(String key, long revision, Instant since, Duration length, String value) {}

    /** What to put. */
    record Content(String key, String value) {}

    /** The servers' time at an instant of this JVM's monotonic clock. */
    private record Reading(Instant time, long nanos) {}

    /** A call of the client library. */
    private interface Call<T extends @Nullable Object> {
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

    /** {@return the configuration of a bucket, to which the caller adds the storage type} */
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
     * {@return the bucket, which is created unless it exists}
     *
     * @throws BrokerConfigurationException if it exists with another configuration, or the servers
     *     have no JetStream
     */
    static LeaseBucket open(Connection connection, StreamConfiguration wanted, Duration timeout) {
        if (!connection.getServerInfo().isJetStreamAvailable()) {
            throw new BrokerConfigurationException(
                    "the servers have no JetStream, which key-value buckets need version="
                            + connection.getServerInfo().getVersion());
        }
        var options = JetStreamOptions.builder().requestTimeout(timeout).build();
        return call(
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
            info = management.addStream(wanted); // no error if another node has just created it
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
                    ("the existing bucket has the wrong configuration: delete it, or change it to"
                                    + " stream=%s subjects=%s max_msgs_per_subject=%d max_age=%s"
                                    + " deny_delete=false deny_purge=false")
                            .formatted(
                                    wanted.getName(),
                                    wanted.getSubjects(),
                                    wanted.getMaxMsgsPerSubject(),
                                    wanted.getMaxAge()));
        }
    }

    /**
     * {@return whether the servers delete expired leases, so that those that are found are valid}
     */
    boolean endedByServers() {
        return endedByServers;
    }

    /** Creates or renews a lease. */
    void put(String key, String value, Duration length) {
        Headers headers = length(length);
        byte[] data = value.getBytes(StandardCharsets.UTF_8);
        call("put", stream, () -> jetStream.publish(prefix + key, headers, data));
    }

    /** Creates or renews leases, of which some are on the way at once. */
    void putAll(List<Content> contents, Duration length) {
        var _ = length(length); // checked, even if there is nothing to put
        for (int from = 0; from < contents.size(); from += BATCH) {
            var requested = new ArrayList<Requests.Outgoing>();
            for (Content content :
                    contents.subList(from, Math.min(from + BATCH, contents.size()))) {
                requested.add(
                        new Requests.Outgoing(
                                prefix + content.key,
                                length(length),
                                content.value.getBytes(StandardCharsets.UTF_8)));
            }
            for (Requests.Answer answer : requests.tryAll("put", requested, requests.timeout())) {
                checkStored(answer);
            }
        }
    }

    private void checkStored(Requests.Answer answer) {
        Message reply = requests.reply("put", answer);
        call("put", stream, () -> new PublishAck(reply));
    }

    /** {@return whether a lease was created, because there was none} */
    boolean create(String key, Duration length) {
        return replace(key, 0, length);
    }

    /** {@return whether a lease has replaced the one with this revision, which was still there} */
    boolean replace(String key, long revision, Duration length) {
        Headers headers =
                length(length).add("Nats-Expected-Last-Subject-Sequence", Long.toString(revision));
        return call(
                "replace",
                stream,
                () -> {
                    try {
                        jetStream.publish(prefix + key, headers, NO_DATA);
                        return true;
                    } catch (JetStreamApiException e) {
                        return switch (e.getApiErrorCode()) {
                            case WRONG_LAST_SEQUENCE, WRONG_LAST_SEQUENCE_IN_CLUSTER -> false;
                            default -> throw e;
                        };
                    }
                });
    }

    /** Ends a lease; does nothing if there is none. */
    void remove(String key) {
        call(
                "remove",
                stream,
                () -> management.purgeStream(stream, PurgeOptions.subject(prefix + key)));
    }

    /** {@return the lease with this key, expired or not} */
    Optional<Lease> find(String key) {
        return find(List.of(key)).stream().findFirst();
    }

    /** {@return whether it has expired; never true too early} */
    boolean isOver(Lease lease) {
        return !endedByServers && !lease.since.plus(lease.length).isAfter(now());
    }

    /**
     * Passes each lease that has not expired to {@code visitor}, until that returns false. Deletes
     * expired leases.
     *
     * @param keys of the leases, as {@link #keys} lists them
     * @param hint how many leases are likely to be visited
     */
    void visit(List<String> keys, int hint, Predicate<Lease> visitor) {
        int together = Math.clamp(hint, 1, BATCH);
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

    /**
     * {@return the keys of all leases that match, expired or not}
     *
     * @param filter a key, in which {@code *} matches any token
     */
    List<String> keys(String filter) {
        return call(
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
        call(
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

    /** {@return the leases with these keys, without those that do not exist} */
    private List<Lease> find(List<String> keys) {
        List<byte[]> bodies =
                keys.stream()
                        .map(key -> "{\"last_by_subj\":\"" + prefix + key + "\"}")
                        .map(query -> query.getBytes(StandardCharsets.US_ASCII))
                        .toList();
        String api = "$JS.API.STREAM.MSG.GET." + stream;
        var found = new ArrayList<Lease>();
        for (Message reply : requests.askAll("read leases", api, bodies)) {
            try {
                FoundMessage.of(reply).map(this::lease).ifPresent(found::add);
            } catch (FoundMessage.LookupException e) {
                throw requests.unavailable("read leases", String.valueOf(e.getMessage()));
            }
        }
        return found;
    }

    private Lease lease(FoundMessage found) {
        return new Lease(
                found.subject().substring(prefix.length()),
                found.sequence(),
                found.time(),
                length(found.headers()),
                new String(found.data(), StandardCharsets.UTF_8));
    }

    private Headers length(Duration length) {
        if (!length.isPositive() || length.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "a lease needs a positive time to live ttl=%s max=%s"
                            .formatted(length, LONGEST));
        }
        // Rounded up, because the servers would cut off or refuse fractions.
        return endedByServers
                ? new Headers().add("Nats-TTL", length.plusNanos(999_999_999).toSeconds() + "s")
                : new Headers().add(LENGTH, Long.toString(length.plusNanos(999_999).toMillis()));
    }

    private static Duration length(@Nullable Headers headers) {
        String millis = headers == null ? null : headers.getFirst(LENGTH);
        try {
            return millis == null ? LONGEST : Duration.ofMillis(Long.parseLong(millis));
        } catch (NumberFormatException _) {
            return LONGEST; // written by another application
        }
    }

    /** {@return the servers' time, or slightly less} */
    private Instant now() {
        Reading reading = clock.get();
        if (reading == null || System.nanoTime() - reading.nanos > CLOCK_VALID_NANOS) {
            reading = readClock();
            clock.set(reading);
        }
        return reading.time.plusNanos(System.nanoTime() - reading.nanos);
    }

    private Reading readClock() {
        put(CLOCK_KEY, "", LONGEST);
        // Another node may have written it since: it is then later, but still older than the
        // answer.
        Instant time = find(CLOCK_KEY).map(Lease::since).orElse(Instant.EPOCH);
        return new Reading(time, System.nanoTime());
    }

    private static String prefix(StreamConfiguration configuration) {
        String subjects = configuration.getSubjects().getFirst();
        return subjects.substring(0, subjects.length() - 1); // without the ">"
    }

    private static <T extends @Nullable Object> T call(String what, String stream, Call<T> call) {
        try {
            return call.send();
        } catch (JetStreamApiException e) {
            throw Refusals.refused(what + " stream=" + stream, e);
        } catch (IOException | IllegalStateException e) {
            if (e.getCause() instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new BrokerUnavailableException(
                    "no answer, cannot %s stream=%s".formatted(what, stream), e);
        }
    }
}
