package dev.longwave.server.net;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request as the access log names it: without its query, whose tickets are nobody's business. It
 * learns on the way whose request it is, and whether its response is a stream. Safe for many
 * threads.
 */
public final class LoggedRequest {

    private final Instant time;
    private final String client;
    private final String method;
    private final String path;
    private final List<String> topics;
    private final String protocol;
    private final String userAgent;
    private final long beganNanos = System.nanoTime();
    private volatile @Nullable String subject;
    private volatile boolean stream;

    /**
     * @param time when it arrived
     * @param client the client's address
     * @param path the path, as it was sent
     * @param topics the topics that it names beside the path
     * @param protocol such as {@code HTTP/1.1}
     * @param userAgent what the client calls itself; empty for nothing
     */
    public LoggedRequest(
            Instant time,
            String client,
            String method,
            String path,
            List<String> topics,
            String protocol,
            String userAgent) {
        this.time = time;
        this.client = client;
        this.method = method;
        this.path = path;
        this.topics = List.copyOf(topics);
        this.protocol = protocol;
        this.userAgent = userAgent;
    }

    /** {@return when it arrived} */
    public Instant time() {
        return time;
    }

    /** {@return the client's address} */
    public String client() {
        return client;
    }

    /** {@return the method} */
    public String method() {
        return method;
    }

    /** {@return the path, as it was sent} */
    public String path() {
        return path;
    }

    /** {@return the topics that it names beside the path} */
    public List<String> topics() {
        return topics;
    }

    /** {@return the protocol, such as {@code HTTP/1.1}} */
    public String protocol() {
        return protocol;
    }

    /** {@return what the client calls itself; empty for nothing} */
    public String userAgent() {
        return userAgent;
    }

    /** {@return for how long it has been under way} */
    public long nanos() {
        return System.nanoTime() - beganNanos;
    }

    /** Sets the subject of the client; null if it has not signed in. */
    public void subject(@Nullable String newSubject) {
        subject = newSubject;
    }

    /** {@return the subject of the client; null if it has not signed in} */
    public @Nullable String subject() {
        return subject;
    }

    /** Says that its response is a stream, whose end is what is to be logged. */
    public void noteStream() {
        stream = true;
    }

    /** {@return whether its response is a stream} */
    public boolean isStream() {
        return stream;
    }
}
