package dev.longwave.cli;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads probes of a Longwave server, and compares what arrives with what was sent: delays, clumps,
 * compression, headers, IDs, caches, resuming, and the clock.
 */
final class ProbeCheck {
    /*
     * The events of a probe say when they were sent, counted from the first one. That does not tell how long an event
     * took, but how much longer than the fastest one. An event that is held back until others come has taken longer than
     * the last of them. A busy machine delays events, too, so a delay counts only if it shows twice, the second time in
     * a longer probe.
     */
    private static final String FIRST = "";
    private static final String LONGER = "events=10&intervalMillis=300";
    private static final Duration SLOW_FIRST_BYTE = Duration.ofSeconds(2);
    private static final Duration READ = Duration.ofSeconds(20);
    private static final int RESUME_AFTER = 2;

    private final DoctorTarget target;
    private final DoctorClient client;
    private final InstantSource clock;
    private final DoctorReport report;

    /** What has answered. */
    sealed interface Answer {

        /** A Longwave server, which has said this. */
        record OfLongwave(ProbePath path) implements Answer {}

        /** Something that knows no probes. */
        record OfOther() implements Answer {}

        /** Something that makes further checks pointless. */
        record Useless() implements Answer {}

        /** Nothing. */
        record None() implements Answer {}
    }

    /**
     * What a probe has shown of delays.
     *
     * @param firstByte how long after the request the first event came
     * @param sent over how long a time the events were sent
     * @param heldBack by how much longer the slowest event took than the fastest
     * @param events how many there were
     */
    private record Delays(Duration firstByte, Duration sent, Duration heldBack, int events) {

        boolean showBuffering() {
            return heldBack.multipliedBy(2).compareTo(sent) > 0;
        }
    }

    ProbeCheck(DoctorTarget target, DoctorClient client, InstantSource clock, DoctorReport report) {
        this.target = target;
        this.client = client;
        this.clock = clock;
        this.report = report;
    }

    Answer run() throws InterruptedException {
        try (DoctorStream first = client.open(target.probe(FIRST), gzip("gzip"))) {
            Optional<Answer> refusal = AnswerStatus.check(first, report);
            if (refusal.isPresent()) {
                return refusal.get();
            }
            if (first.status() != 200) {
                return new Answer.OfOther();
            }
            String coding = first.header("Content-Encoding");
            if (coding.isEmpty()) {
                return check(first);
            }
            report.found(
                    "compression",
                    "the stream is compressed (%s), by something on the path: Longwave never does"
                                    .formatted(coding)
                            + " it; compression holds events back, and costs memory for each"
                            + " stream",
                    "turn compression off for text/event-stream (nginx: take it out of"
                            + " gzip_types)");
        } catch (IOException e) {
            return none(e);
        }
        return uncompressed();
    }

    private Answer uncompressed() throws InterruptedException {
        try (DoctorStream stream = client.open(target.probe(FIRST), gzip("identity"))) {
            if (stream.header("Content-Encoding").isEmpty()) {
                return check(stream);
            }
            report.unchecked("stream", "it is compressed even if the client does not accept that");
            return new Answer.Useless();
        } catch (IOException e) {
            return none(e);
        }
    }

    private static Map<String, String> gzip(String coding) {
        return Map.of("Accept-Encoding", coding);
    }

    private Answer none(IOException e) {
        report.found(
                "no-answer",
                "the connection was accepted, but no answer came: " + e.getMessage(),
                "check what listens there, and whether it reaches the server behind it");
        return new Answer.None();
    }

    private Answer check(DoctorStream stream) throws InterruptedException {
        var _ = stream.read(READ, event -> event.type().equals("end"));
        Optional<ProbePath> path =
                stream.arrivals().stream()
                        .map(arrival -> ProbePath.of(arrival.event()))
                        .flatMap(Optional::stream)
                        .findFirst();
        if (path.isEmpty()) {
            return new Answer.OfOther();
        }
        checkPath(path.get(), stream);
        new HeaderCheck(report).run(stream, true);
        checkClock(path.get(), stream);
        List<Sent> events = Sent.of(stream);
        boolean whole = stream.arrivals().getLast().event().type().equals("end");
        if (!whole) {
            report.found(
                    "cut",
                    "the stream was cut after %d events".formatted(events.size()),
                    "look for a limit of the response's size or time in the proxies");
        }
        Delays delays = delays(stream, events);
        boolean cached = checkCache(path.get(), delays);
        checkIds(events);
        checkResume(cached, events);
        return new Answer.OfLongwave(path.get());
    }

    /** An event that says when it was sent. */
    private record Sent(ServerSentEvent event, Duration arrived, Duration sent) {

        static List<Sent> of(DoctorStream stream) {
            var events = new ArrayList<Sent>();
            for (DoctorStream.Arrival arrival : stream.arrivals()) {
                Optional<String> millis =
                        Json.members(arrival.event().data())
                                .map(members -> members.getOrDefault("sentMillis", ""));
                if (millis.isPresent() && millis.get().matches("[0-9]{1,9}")) {
                    events.add(
                            new Sent(
                                    arrival.event(),
                                    arrival.after(),
                                    Duration.ofMillis(Long.parseLong(millis.get()))));
                }
            }
            return events;
        }
    }

    private static Delays delays(DoctorStream stream, List<Sent> events) {
        Duration least = Duration.ofDays(1);
        Duration most = Duration.ofDays(-1);
        for (Sent event : events) {
            Duration delay = event.arrived().minus(event.sent());
            least = delay.compareTo(least) < 0 ? delay : least;
            most = delay.compareTo(most) > 0 ? delay : most;
        }
        return new Delays(
                stream.arrivals().getFirst().after(),
                events.getLast().sent().minus(events.getFirst().sent()),
                most.minus(least),
                events.size());
    }

    private void checkPath(ProbePath path, DoctorStream stream) {
        report.passed(
                "http",
                "this client spoke %s, the server saw %s%s"
                        .formatted(
                                stream.protocol(),
                                path.protocol(),
                                path.protocol().equals("HTTP/1.0")
                                        ? ": each request costs the proxy a connection"
                                        : ""));
        boolean sameHost = path.host().equalsIgnoreCase(target.authority());
        if (!sameHost && client.sendsCookie()) {
            report.found(
                    "host-altered",
                    "the server saw another Host (%s): it refuses cookies of pages that do not"
                                    .formatted(path.host())
                            + " send Sec-Fetch-Site",
                    "pass the browser's on (nginx: proxy_set_header Host $http_host)");
        }
        if (path.forwarded() > 0 && !path.trustedProxy()) {
            report.found(
                    "proxy-not-trusted",
                    "a proxy says for whom it forwards, but the server does not believe it: all"
                            + " clients count as one address",
                    "name the proxy's address in net.trusted-proxies");
        } else {
            report.passed(
                    "forwarded",
                    (path.forwarded() == 0
                                    ? "no forwarded address"
                                    : "forwarded from " + path.forwarded() + " address(es)")
                            + (sameHost ? "" : "; the server saw the Host " + path.host()));
        }
    }

    private void checkClock(ProbePath path, DoctorStream stream) {
        ClockCheck.run(path.time(), clock.instant().minus(age(stream)), report);
    }

    /** How long ago the event with the time came. */
    private static Duration age(DoctorStream stream) {
        return stream.arrivals()
                .getLast()
                .after()
                .minus(stream.arrivals().getFirst().after())
                .plus(stream.silence());
    }

    /**
     * Asks for the same again: a cache would answer with the same run. The second answer also shows
     * whether a slow first byte was an accident.
     */
    private boolean checkCache(ProbePath path, Delays first) throws InterruptedException {
        try (DoctorStream second = client.open(target.probe(FIRST), Map.of())) {
            var _ = second.read(READ, event -> event.type().equals(ProbePath.TYPE));
            boolean cached =
                    second.arrivals().stream()
                            .map(arrival -> ProbePath.of(arrival.event()))
                            .flatMap(Optional::stream)
                            .anyMatch(again -> again.run().equals(path.run()));
            if (cached) {
                report.found(
                        "cached",
                        "two requests got the same answer: a cache keeps event streams",
                        "exclude text/event-stream from caching, or obey Cache-Control: no-cache");
            } else {
                report.passed("cache", "each request gets an answer of its own");
            }
            checkDelays(first, second);
            return cached;
        } catch (IOException e) {
            report.unchecked("cache", "no second answer came: " + e.getMessage());
            return false;
        }
    }

    private void checkDelays(Delays first, DoctorStream second) throws InterruptedException {
        if (first.showBuffering() && isBuffered()) {
            return; // a late first byte is a consequence
        }
        report.passed(
                "buffering",
                "%d events, sent over %s, came one by one (held back by %s at most)"
                        .formatted(
                                first.events(),
                                Seconds.of(first.sent()),
                                Seconds.of(first.heldBack())));
        Duration firstByte =
                second.arrivals().isEmpty()
                        ? first.firstByte()
                        : least(first.firstByte(), second.arrivals().getFirst().after());
        if (firstByte.compareTo(SLOW_FIRST_BYTE) > 0) {
            report.found(
                    "first-byte",
                    "the first event took " + Seconds.of(firstByte),
                    "look for what holds the response's headers back, and at the server's load");
        } else {
            report.passed("first-byte", "the first event took " + Seconds.of(firstByte));
        }
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Reads a longer probe, and reports buffering if that shows it, too. */
    private boolean isBuffered() throws InterruptedException {
        try (DoctorStream stream = client.open(target.probe(LONGER), Map.of())) {
            var _ = stream.read(READ, event -> event.type().equals("end"));
            List<Sent> events = Sent.of(stream);
            if (events.size() < 2) {
                return false;
            }
            Delays delays = delays(stream, events);
            if (delays.showBuffering()) {
                report.found(
                        "buffering",
                        "%d events, sent over %s, were held back by up to %s and came in clumps"
                                .formatted(
                                        delays.events(),
                                        Seconds.of(delays.sent()),
                                        Seconds.of(delays.heldBack())),
                        "turn response buffering off in the proxy (nginx: proxy_buffering off, and"
                                + " do not ignore X-Accel-Buffering)");
                return true;
            }
        } catch (IOException e) {
            report.unchecked("buffering", "no answer came: " + e.getMessage());
            return true;
        }
        return false;
    }

    private void checkIds(List<Sent> events) {
        if (events.stream().anyMatch(sent -> sent.event().id().isEmpty())) {
            report.found(
                    "ids-stripped",
                    "events arrive without the IDs that the server sends: a client that reconnects"
                            + " cannot resume",
                    "find what rewrites the body of the response, and exclude text/event-stream");
        } else {
            report.passed("ids", "events have their IDs");
        }
    }

    /** Drops the connection after an event, and reconnects with its ID. */
    private void checkResume(boolean cached, List<Sent> events) throws InterruptedException {
        Optional<String> id =
                events.stream()
                        .filter(event -> event.event().type().equals("probe"))
                        .skip(RESUME_AFTER - 1)
                        .map(event -> event.event().id())
                        .filter(text -> !text.isEmpty())
                        .findFirst();
        if (cached || id.isEmpty()) {
            report.unchecked(
                    "resume",
                    cached ? "a cache has answered" : "the event to go on from has no ID");
            return;
        }
        try (DoctorStream again =
                client.open(target.probe(FIRST), Map.of("Last-Event-ID", id.get()))) {
            var _ = again.read(READ, event -> event.type().equals("probe"));
            Optional<ProbePath> path =
                    again.arrivals().stream()
                            .map(arrival -> ProbePath.of(arrival.event()))
                            .flatMap(Optional::stream)
                            .findFirst();
            String next =
                    again.arrivals().stream()
                            .map(DoctorStream.Arrival::event)
                            .filter(event -> event.type().equals("probe"))
                            .map(event ->
                                    Json.members(event.data())
                                            .orElse(Map.of())
                                            .getOrDefault("sequence", ""))
                            .findFirst()
                            .orElse("none");
            if (next.equals(Integer.toString(RESUME_AFTER + 1))) {
                report.passed(
                        "resume", "after event 2 and a dropped connection, event 3 came first");
            } else {
                boolean seen = path.isPresent() && path.get().lastEventId();
                report.found(
                        "resume",
                        seen
                                ? "after event 2 and a dropped connection, event %s came first"
                                        .formatted(next)
                                : "the Last-Event-ID of a client that reconnects does not reach the"
                                        + " server: the client loses events",
                        "pass the request header Last-Event-ID on, unchanged");
            }
        } catch (IOException e) {
            report.unchecked("resume", "no answer came: " + e.getMessage());
        }
    }
}
