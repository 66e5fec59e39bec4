package dev.longwave.cli;

import dev.longwave.cli.ProbeCheck.Answer;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/** Examines a target from outside, check by check, as a client that knows what to look for. */
final class Doctor {

    private final DoctorTarget target;
    private final Options options;
    private final SSLContext tls;
    private final InstantSource clock;
    private final DoctorReport report;

    /**
     * What to examine beyond the target itself.
     *
     * @param topic whose events to resume, empty for that of the URL, if it names one
     * @param origin of the page that is to read, empty if it is not known
     * @param idle for how long to watch a quiet stream
     */
    record Options(String topic, String origin, Duration idle) {}

    Doctor(
            DoctorTarget target,
            Options options,
            SSLContext tls,
            InstantSource clock,
            DoctorReport report) {
        this.target = target;
        this.options = options;
        this.tls = tls;
        this.clock = clock;
        this.report = report;
    }

    /** {@return whether the target could be connected to, and has answered} */
    boolean examine(DoctorClient client) throws InterruptedException {
        target.credential().ifPresent(this::reportCredential);
        if (!new NetworkCheck(target, tls, clock, report).run()) {
            return false;
        }
        if (target.isWebSocket()) {
            return webSocket(client).run();
        }
        Answer answer = new ProbeCheck(target, client, clock, report).run();
        return switch (answer) {
            case Answer.OfLongwave(ProbePath path) -> {
                examineLongwave(client, path);
                yield true;
            }
            case Answer.OfOther _ -> {
                examineStream(client);
                yield true;
            }
            case Answer.Useless _ -> true;
            case Answer.None _ -> false;
        };
    }

    /** The value stays unsaid: the report may be passed around. */
    private void reportCredential(String name) {
        report.found(
                "token-in-url",
                "the URL has a credential in it (%s): URLs are in the logs of servers and proxies,"
                                .formatted(name)
                        + " and in histories",
                "revoke it; send a token as Authorization: Bearer, or in a cookie, or use a ticket"
                        + " from POST /tickets");
    }

    private void examineLongwave(DoctorClient client, ProbePath path) throws InterruptedException {
        examineTopic(client);
        new CorsCheck(target.probe("events=1&intervalMillis=1"), options.origin(), client, report)
                .run();
        var _ = webSocket(client).run();
        new IdleCheck(options.idle(), client, report).run(target, path);
    }

    private void examineTopic(DoctorClient client) throws InterruptedException {
        Function<String, URI> uri =
                options.topic().isEmpty()
                        ? target::stream
                        : query -> target.topic(options.topic(), query);
        if (!options.topic().isEmpty() || target.namesStream()) {
            String name = options.topic().isEmpty() ? "the URL" : options.topic();
            new TopicCheck(client, report).run(name, uri);
        } else {
            report.unchecked("resume-topic", "give --topic, a topic that has a history");
        }
    }

    private void examineStream(DoctorClient client) throws InterruptedException {
        var idle = new IdleCheck(options.idle(), client, report);
        Answer answer = new StreamCheck(target.url(), client, clock, report, idle).run();
        if (answer instanceof Answer.OfOther) {
            new CorsCheck(target.url(), options.origin(), client, report).run();
            report.unchecked("websocket", "give the URL of a WebSocket, such as wss://…");
        }
    }

    private WebSocketCheck webSocket(DoctorClient client) {
        return new WebSocketCheck(target.webSocket(), options.origin(), client, report);
    }
}
