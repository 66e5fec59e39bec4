package dev.longwave.cli;

import dev.longwave.cli.ProbeCheck.Answer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Checks an event stream of any server by what it happens to send. */
final class StreamCheck {

    private static final Duration SLOW_HEAD = Duration.ofSeconds(2);

    private static final Duration FIRST_EVENTS = Duration.ofSeconds(3);

    private final URI url;
    private final DoctorClient client;
    private final InstantSource clock;
    private final DoctorReport report;
    private final IdleCheck idle;

    StreamCheck(
            URI url,
            DoctorClient client,
            InstantSource clock,
            DoctorReport report,
            IdleCheck idle) {
        this.url = url;
        this.client = client;
        this.clock = clock;
        this.report = report;
        this.idle = idle;
    }

    Answer run() throws InterruptedException {
        try (DoctorStream stream = client.open(url, Map.of("Accept-Encoding", "gzip"))) {
            Optional<Answer> refusal = AnswerStatus.check(stream, report);
            if (refusal.isPresent()) {
                return refusal.get();
            }
            if (stream.status() != 200) {
                refused(stream.status());
                return new Answer.Useless();
            }
            String type = stream.header("Content-Type");
            if (type.toLowerCase(Locale.ROOT).startsWith("text/html")) {
                report.found(
                        "not-an-event-stream",
                        "the URL answers with a page (%s)".formatted(type),
                        "give the URL of an event stream, or of a Longwave server; check that no"
                                + " sign-in page is in between");
                return new Answer.Useless();
            }
            check(stream);
            return new Answer.OfOther();
        } catch (IOException e) {
            report.found(
                    "first-byte",
                    "no answer came: " + e.getMessage(),
                    "send the headers at once; look for a proxy that holds them back");
            return new Answer.Useless();
        }
    }

    private void refused(int status) {
        boolean right = status == 401 || status == 403;
        report.found(
                "status",
                "the stream is answered with " + status,
                right
                        ? "give a credential with --token-file or --cookie-file"
                        : "check the path of the URL");
    }

    private void check(DoctorStream stream) throws InterruptedException {
        report.passed("http", "this client spoke " + stream.protocol());
        report.unchecked("buffering", "only Longwave has a probe that says when it sent what");
        if (stream.headAfter().compareTo(SLOW_HEAD) > 0) {
            report.found(
                    "first-byte",
                    "the headers took " + Seconds.of(stream.headAfter()),
                    "send them before the first event; look for a proxy that holds them back");
        } else {
            report.passed("first-byte", "the headers took " + Seconds.of(stream.headAfter()));
        }
        new HeaderCheck(report).run(stream, false);
        checkClock(stream);
        checkCache(stream);
        if (!stream.header("Content-Encoding").isEmpty()) {
            report.found(
                    "compression",
                    "the stream is compressed (%s), which holds events back"
                            .formatted(stream.header("Content-Encoding")),
                    "turn compression off for text/event-stream");
            report.unchecked("resume", "the stream is compressed");
            return;
        }
        var _ = stream.read(FIRST_EVENTS, _ -> stream.arrivals().size() > 1);
        idle.watch(stream);
        checkResume(stream);
    }

    private void checkClock(DoctorStream stream) {
        try {
            ClockCheck.run(
                    ZonedDateTime.parse(stream.header("Date"), DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant(),
                    clock.instant(),
                    report);
        } catch (DateTimeParseException _) {
            report.unchecked("clock", "there is no Date header");
        }
    }

    private void checkCache(DoctorStream stream) {
        String age = stream.header("Age");
        if (!age.isEmpty() && !age.equals("0")) {
            report.found(
                    "cached",
                    "the answer comes from a cache, and is %s s old".formatted(age),
                    "exclude text/event-stream from caching");
        } else {
            report.passed("cache", "no cache says that it has answered");
        }
    }

    private void checkResume(DoctorStream stream) throws InterruptedException {
        List<ServerSentEvent> events =
                stream.arrivals().stream().map(DoctorStream.Arrival::event).toList();
        if (events.isEmpty()) {
            report.unchecked("resume", "no event came in this time");
            return;
        }
        if (events.getFirst().id().isEmpty()) {
            report.found(
                    "no-ids",
                    "the events have no IDs: a client that reconnects loses events",
                    "send an id with each event, and honour Last-Event-ID");
            return;
        }
        if (events.size() < 2) {
            report.unchecked("resume", "only one event came in this time");
            return;
        }
        new TopicCheck(client, report)
                .compare("resume", url, events.getFirst().id(), List.of(events.get(1).id()));
    }
}
