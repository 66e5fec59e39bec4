package dev.longwave.server.ops;

import dev.longwave.broker.Settings;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What operators see of a node.
 *
 * @param logFormat how the log is written, by the process that runs the server
 * @param accessLog whether and how requests are logged
 * @param accessLogFile where to; null for standard error
 * @param probeDeadline how long no probe may come back before the node is not ready; zero to send
 *     none
 * @param explainBytes how much memory the streams that have ended may take
 */
public record OpsSettings(
        LogFormat logFormat,
        AccessLog.Format accessLog,
        @Nullable Path accessLogFile,
        Duration probeDeadline,
        long explainBytes) {

    /** How a log record is written. */
    public enum LogFormat {
        /** A line, and the stack trace if there is one. */
        TEXT,
        /** An object in one line. */
        JSON
    }

    /** Reads the sections {@code log}, {@code access-log}, {@code health}, and {@code explain}. */
    public static OpsSettings read(Settings settings) {
        Settings accessLog = settings.section("access-log");
        return new OpsSettings(
                logFormat(settings),
                accessLog.choice(
                        "format",
                        AccessLog.Format.OFF,
                        AccessLog.Format.class,
                        "Whether requests are logged when they were answered, and streams when they"
                                + " have ended: as names and values, or as JSON objects, one a"
                                + " line."),
                accessLog
                        .text(
                                "file",
                                "The file that these lines are appended to; standard error by"
                                        + " default.")
                        .map(Path::of)
                        .orElse(null),
                settings.section("health")
                        .duration(
                                "probe-deadline",
                                Duration.ofSeconds(15),
                                Duration.ZERO,
                                Duration.ofHours(1),
                                "How long none of the messages that the node sends itself through"
                                    + " the broker may come back before it is not ready. It sends"
                                    + " three in that time, if the broker carries ephemeral events."
                                    + " PT0S to send none."),
                settings.section("explain")
                        .size(
                                "bytes",
                                4 << 20,
                                0,
                                1 << 30,
                                "The memory for streams that have ended and subscriptions that were"
                                        + " refused, the latest of them, so that GET /admin/explain"
                                        + " knows them. 0 to keep none."));
    }

    /** Reads the setting {@code log.format} alone. */
    public static LogFormat logFormat(Settings settings) {
        return settings.section("log")
                .choice(
                        "format",
                        LogFormat.TEXT,
                        LogFormat.class,
                        "How longwave serve logs: lines of text, or JSON objects, one a line.");
    }
}
