package dev.longwave.cli;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Reads a stream, drops the connection, reconnects, and compares what comes. */
final class TopicCheck {

    private static final int EVENTS = 20;
    private static final String GAP = "gap";

    private final DoctorClient client;
    private final DoctorReport report;

    TopicCheck(DoctorClient client, DoctorReport report) {
        this.client = client;
        this.report = report;
    }

    /**
     * Checks a topic of a Longwave server, from the events that its history has.
     *
     * @param uri the stream, by its query
     */
    void run(String topic, Function<String, URI> uri) throws InterruptedException {
        String check = "resume-topic";
        List<String> before;
        try (DoctorStream stream = client.open(uri.apply("since=earliest"), Map.of())) {
            if (stream.status() == 204) {
                report.unchecked(check, "the topic has ended");
                return;
            }
            if (stream.status() != 200) {
                report.unchecked(
                        check,
                        "the topic %s cannot be read: the answer is %d"
                                .formatted(topic, stream.status()));
                return;
            }
            var _ = stream.read(Duration.ofSeconds(3), _ -> ids(stream).size() >= EVENTS);
            before = ids(stream);
        } catch (IOException e) {
            report.unchecked(check, "no answer came: " + e.getMessage());
            return;
        }
        if (before.size() < 2) {
            report.unchecked(check, "the history of %s has fewer than two events".formatted(topic));
            return;
        }
        int last = (before.size() - 1) / 2;
        compare(check, uri.apply(""), before.get(last), before.subList(last + 1, before.size()));
    }

    /** Reconnects with an ID, and expects these IDs first. */
    void compare(String check, URI uri, String lastEventId, List<String> expected)
            throws InterruptedException {
        try (DoctorStream again = client.open(uri, Map.of("Last-Event-ID", lastEventId))) {
            if (again.status() != 200) {
                report.found(
                        "resume",
                        "a client that reconnects with its last ID is answered with "
                                + again.status(),
                        "pass the request header Last-Event-ID on, unchanged");
                return;
            }
            var _ =
                    again.read(
                            DoctorClient.DEADLINE,
                            event ->
                                    event.type().equals(GAP)
                                            || ids(again).size() >= expected.size());
            boolean gap =
                    again.arrivals().stream()
                            .anyMatch(arrival -> arrival.event().type().equals(GAP));
            List<String> came = ids(again);
            List<String> first = came.subList(0, Math.min(came.size(), expected.size()));
            if (!gap && first.equals(expected)) {
                report.passed(
                        check,
                        "after a dropped connection, the next %d events came in order"
                                .formatted(expected.size()));
            } else {
                report.found(
                        "resume",
                        gap
                                ? "after a dropped connection, events are missing: the server says"
                                        + " gap"
                                : "after a dropped connection, other events come than came without"
                                        + " one",
                        gap
                                ? "keep more history (hub and broker settings)"
                                : "pass the request header Last-Event-ID on, unchanged; and let"
                                        + " the server keep history");
            }
        } catch (IOException e) {
            report.found(
                    "resume",
                    "a client that reconnects gets no answer: " + e.getMessage(),
                    "look for what holds the answer back");
        }
    }

    /** The IDs of the events, without those that only say that others are missing. */
    private static List<String> ids(DoctorStream stream) {
        return stream.arrivals().stream()
                .map(DoctorStream.Arrival::event)
                .filter(event -> !event.type().equals(GAP) && !event.id().isEmpty())
                .map(ServerSentEvent::id)
                .toList();
    }
}
