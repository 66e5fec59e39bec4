package dev.longwave.cli;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** Keeps a quiet stream open, and sees whether it stays open, and whether heartbeats come. */
final class IdleCheck {

    /** How late a heartbeat may be. */
    private static final Duration LATE = Duration.ofSeconds(5);

    /** What proxies and load balancers cut by default. */
    private static final Duration USUAL_TIMEOUT = Duration.ofMinutes(1);

    private final Duration idle;
    private final DoctorClient client;
    private final DoctorReport report;

    /**
     * @param idle for how long to watch; zero not to
     */
    IdleCheck(Duration idle, DoctorClient client, DoctorReport report) {
        this.idle = idle;
        this.client = client;
        this.report = report;
    }

    /** Watches a probe. */
    void run(DoctorTarget target, ProbePath path) throws InterruptedException {
        if (idle.isZero()) {
            report.unchecked("idle", "give --idle, such as --idle 120s");
            return;
        }
        long seconds = Math.max(1, idle.toSeconds());
        URI probe = target.probe("events=1&intervalMillis=1&holdSeconds=" + seconds);
        try (DoctorStream stream = client.open(probe, Map.of())) {
            boolean whole =
                    stream.read(
                            idle.plus(DoctorClient.DEADLINE), event -> event.type().equals("end"));
            if (!whole && stream.state() != DoctorStream.State.OPEN) {
                cut(stream, "; the heartbeat comes every " + Seconds.of(path.heartbeatInterval()));
                return;
            }
            Duration expected = path.heartbeatInterval().plus(LATE);
            boolean mute =
                    !whole
                            || (stream.longestSilence().compareTo(expected) > 0
                                    && idle.compareTo(expected) > 0);
            if (mute) {
                report.found(
                        "heartbeats",
                        "nothing came for %s, but the server sends a heartbeat every %s"
                                .formatted(
                                        Seconds.of(longest(stream)),
                                        Seconds.of(path.heartbeatInterval())),
                        "find what swallows comment lines, or holds small pieces back");
                return;
            }
            report.passed(
                    "idle",
                    "a quiet stream stayed open for %s, with %d heartbeats"
                                    .formatted(Seconds.of(idle), stream.silentPieces())
                            + (idle.compareTo(path.heartbeatInterval()) < 0
                                    ? "; a heartbeat comes every %s, so longer time-outs were not tested"
                                            .formatted(Seconds.of(path.heartbeatInterval()))
                                    : ""));
        } catch (IOException e) {
            report.unchecked("idle", "no answer came: " + e.getMessage());
        }
    }

    /** Watches any stream, for what is left of the time. */
    void watch(DoctorStream stream) throws InterruptedException {
        if (idle.isZero()) {
            report.unchecked("idle", "give --idle, such as --idle 120s");
            return;
        }
        long began = System.nanoTime();
        var _ = stream.read(idle, _ -> false);
        if (stream.state() != DoctorStream.State.OPEN) {
            cut(stream, "");
            return;
        }
        Duration watched = Duration.ofNanos(System.nanoTime() - began);
        Duration longest = longest(stream);
        if (longest.compareTo(USUAL_TIMEOUT) >= 0) {
            report.found(
                    "heartbeats",
                    "nothing came for %s: most proxies cut such a stream after 60 s"
                            .formatted(Seconds.of(longest)),
                    "send a comment line every 15 s");
        } else if (longest.plus(Duration.ofMillis(100)).compareTo(watched) >= 0) {
            report.unchecked(
                    "idle",
                    "nothing came for %s; --idle 120s would show whether heartbeats come"
                            .formatted(Seconds.of(watched)));
        } else {
            report.passed(
                    "idle",
                    "the stream stayed open for %s; the longest silence was %s"
                            .formatted(Seconds.of(watched), Seconds.of(longest)));
        }
    }

    private static Duration longest(DoctorStream stream) {
        Duration last = stream.silence();
        return last.compareTo(stream.longestSilence()) > 0 ? last : stream.longestSilence();
    }

    private void cut(DoctorStream stream, String note) {
        Duration silence = stream.silence();
        if (stream.longestSilence().compareTo(silence) > 0) {
            // It has survived a longer silence, so it is not the silence.
            report.found(
                    "duration-limit",
                    "the stream was cut, but not for being quiet: %s after its last byte, and it"
                                    .formatted(Seconds.of(silence))
                            + " had survived %s".formatted(Seconds.of(stream.longestSilence())),
                    "raise the limit of a response's duration in the proxies");
            return;
        }
        report.found(
                "idle-timeout",
                "the stream was cut when nothing had come for " + Seconds.of(silence) + note,
                "set sse.heartbeat-interval well below that, or raise the time-out (nginx:"
                        + " proxy_read_timeout; HAProxy: timeout server)");
    }
}
