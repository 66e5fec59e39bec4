package dev.longwave.cli;

import dev.longwave.cli.ProbeCheck.Answer;
import java.util.Optional;

/** Statuses that say that a request has come to nothing, whatever it was for. */
final class AnswerStatus {

    private AnswerStatus() {}

    /** {@return what the status means, if no stream can be expected} */
    static Optional<Answer> check(DoctorStream stream, DoctorReport report) {
        int status = stream.status();
        if (status >= 300 && status < 400) {
            report.found(
                    "redirect",
                    "the URL redirects to " + stream.header("Location").split("[?#]", 2)[0],
                    "use that URL: every reconnect would be redirected again");
            return Optional.of(new Answer.Useless());
        }
        if (status == 429) {
            report.found(
                    "too-many-requests",
                    "the server has no room for another probe of this address, or a proxy limits"
                            + " requests",
                    "try again in a moment; check the limits of requests and connections");
            return Optional.of(new Answer.Useless());
        }
        if (status >= 500) {
            report.found(
                    "unavailable",
                    "the answer is %d: the server fails, or a proxy cannot reach it"
                            .formatted(status),
                    "check that Longwave runs, and the address in the proxy's configuration");
            return Optional.of(new Answer.Useless());
        }
        return Optional.empty();
    }
}
