package dev.longwave.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;

/**
 * What a Longwave server says of the request for a probe that it has received.
 *
 * @param run which probe it is: each has a number of its own
 * @param protocol the version of HTTP that the server saw
 * @param tls whether the request came to the server encrypted
 * @param host what the server saw as {@code Host}
 * @param forwarded how many addresses proxies say that they have forwarded it from
 * @param trustedProxy whether it came from an address in {@code net.trusted-proxies}
 * @param lastEventId whether there was a {@code Last-Event-ID}
 * @param heartbeatInterval of the server's streams
 * @param time the server's, when it answered
 */
record ProbePath(
        String run,
        String protocol,
        boolean tls,
        String host,
        int forwarded,
        boolean trustedProxy,
        boolean lastEventId,
        Duration heartbeatInterval,
        Instant time) {

    static final String TYPE = "path";

    /** {@return what an event says, if it is the first one of a probe} */
    static Optional<ProbePath> of(ServerSentEvent event) {
        Optional<Map<String, String>> members =
                event.type().equals(TYPE) ? Json.members(event.data()) : Optional.empty();
        return members.flatMap(ProbePath::of);
    }

    private static Optional<ProbePath> of(Map<String, String> members) {
        try {
            return Optional.of(
                    new ProbePath(
                            members.getOrDefault("run", ""),
                            members.getOrDefault("protocol", ""),
                            members.getOrDefault("tls", "").equals("true"),
                            members.getOrDefault("host", ""),
                            Integer.parseInt(members.getOrDefault("forwarded", "")),
                            members.getOrDefault("trustedProxy", "").equals("true"),
                            members.getOrDefault("lastEventId", "").equals("true"),
                            Duration.ofMillis(
                                    Long.parseLong(members.getOrDefault("heartbeatMillis", ""))),
                            Instant.parse(members.getOrDefault("time", ""))));
        } catch (NumberFormatException | DateTimeParseException _) {
            return Optional.empty();
        }
    }
}
