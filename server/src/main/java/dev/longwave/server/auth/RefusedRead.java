package dev.longwave.server.auth;

import java.time.Instant;
import java.util.List;

/**
 * That a client was not allowed to read.
 *
 * @param at when
 * @param subject who the client is
 * @param topics what it wanted to read: topics and patterns
 * @param rule the rule of the problem that it was answered with
 */
public record RefusedRead(Instant at, String subject, List<String> topics, String rule) {

    public RefusedRead {
        topics = List.copyOf(topics);
    }
}
