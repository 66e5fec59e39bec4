package dev.longwave.broker.nats;

import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.PersistMode;
import io.nats.client.api.Republish;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The configuration that the stream must have. */
final class StreamTemplate {

    private static final long UNLIMITED = -1;

    private final StreamConfiguration wanted;
    private final Duration shortestAge;

    StreamTemplate(NatsSettings settings, Subjects subjects) {
        shortestAge = settings.resyncPeriod().multipliedBy(NatsSettings.RESYNCS_KEPT);
        wanted =
                StreamConfiguration.builder()
                        .name(settings.stream())
                        .description("Longwave's events")
                        .subjects(subjects.allOfLog())
                        .republish(
                                Republish.builder()
                                        .source(subjects.allOfLog())
                                        .destination(subjects.allLive())
                                        .build())
                        .retentionPolicy(RetentionPolicy.Limits)
                        .discardPolicy(DiscardPolicy.Old)
                        .storageType(StorageType.File)
                        .replicas(settings.replicas())
                        .maxMessagesPerSubject(settings.retentionCount())
                        .maxAge(settings.retentionAge())
                        .maxBytes(settings.maxBytes() == 0 ? UNLIMITED : settings.maxBytes())
                        .duplicateWindow(settings.dedupWindow())
                        .allowDirect(true)
                        .build();
    }

    StreamConfiguration wanted() {
        return wanted;
    }

    /**
     * {@return whether a stream with this configuration may remove a message before the feed has
     * read it} Its age and the number of messages in its topic are no such reasons: the settings
     * keep messages for long enough, and a topic never loses its newest message to a later one
     * unnoticed.
     */
    boolean removesEarly(StreamConfiguration actual) {
        Duration age = orZero(actual.getMaxAge());
        return limit(actual.getMaxBytes()) != UNLIMITED
                || limit(actual.getMaxMsgs()) != UNLIMITED
                || (age.isPositive() && age.compareTo(shortestAge) < 0);
    }

    /**
     * {@return the differences in {@code actual}, each with the server's key and the setting, if
     * any}
     */
    List<String> differences(StreamConfiguration actual) {
        var differences = new Differences();
        differences.check("subjects, setting prefix", wanted.getSubjects(), actual.getSubjects());
        differences.check(
                "republish, setting prefix",
                text(wanted.getRepublish()),
                text(actual.getRepublish()));
        differences.check("retention", wanted.getRetentionPolicy(), actual.getRetentionPolicy());
        differences.check("discard", wanted.getDiscardPolicy(), actual.getDiscardPolicy());
        differences.check("storage", wanted.getStorageType(), actual.getStorageType());
        differences.check(
                "num_replicas, setting replicas", wanted.getReplicas(), actual.getReplicas());
        differences.check(
                "max_msgs_per_subject, setting retention-count",
                wanted.getMaxMsgsPerSubject(),
                actual.getMaxMsgsPerSubject());
        differences.check(
                "max_age, setting retention-age",
                orZero(wanted.getMaxAge()),
                orZero(actual.getMaxAge()));
        differences.check(
                "max_bytes, setting max-bytes",
                limit(wanted.getMaxBytes()),
                limit(actual.getMaxBytes()));
        differences.check("max_msgs", UNLIMITED, limit(actual.getMaxMsgs()));
        differences.check("max_msg_size", UNLIMITED, limit(actual.getMaximumMessageSize()));
        differences.check(
                "duplicate_window, setting dedup-window",
                orZero(wanted.getDuplicateWindow()),
                orZero(actual.getDuplicateWindow()));
        differences.check("allow_direct", true, actual.getAllowDirect());
        differences.check("no_ack", false, actual.getNoAck());
        differences.check("sealed", false, actual.getSealed());
        differences.check("mirror", false, actual.getMirror() != null);
        boolean sourced = actual.getSources() != null && !actual.getSources().isEmpty();
        differences.check("sources", false, sourced);
        differences.check("subject_transform", false, actual.getSubjectTransform() != null);
        // With these, publishers can have messages removed early.
        differences.check("allow_msg_ttl", false, actual.getAllowMessageTtl());
        differences.check("allow_rollup_hdrs", false, actual.getAllowRollup());
        // With this, an acknowledged message may not have been written.
        boolean async = actual.getPersistMode() == PersistMode.Async;
        differences.check("persist_mode", "default", async ? "async" : "default");
        return differences.lines;
    }

    private static String text(@Nullable Republish republish) {
        return republish == null
                ? "none"
                : "%s to %s%s"
                        .formatted(
                                republish.getSource(),
                                republish.getDestination(),
                                republish.isHeadersOnly() ? ", headers only" : "");
    }

    private static Duration orZero(@Nullable Duration duration) {
        return duration == null ? Duration.ZERO : duration;
    }

    /** {@return a limit, with one value for "none" in place of the several that servers use} */
    private static long limit(long limit) {
        return limit <= 0 ? UNLIMITED : limit;
    }

    private static final class Differences {

        private final List<String> lines = new ArrayList<>();

        void check(String what, @Nullable Object wanted, @Nullable Object actual) {
            if (!Objects.equals(wanted, actual)) {
                lines.add("%s: wanted %s, is %s".formatted(what, wanted, actual));
            }
        }
    }
}
