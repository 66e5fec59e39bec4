package dev.longwave.broker.nats;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.Nats;
import io.nats.client.api.ClusterInfo;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Streams as a test sees them, past the broker. */
final class Streams {

    /** The library gives up after two seconds, which a busy machine may need. */
    static final JetStreamOptions LONG_TIMEOUT =
            JetStreamOptions.builder().requestTimeout(Duration.ofMinutes(2)).build();

    private Streams() {}

    /** What is done with a connection. */
    interface Work<T extends @Nullable Object> {
        T with(Connection connection)
                throws IOException, JetStreamApiException, TimeoutException, InterruptedException;
    }

    /** Does {@code work} with a connection of its own. */
    static <T extends @Nullable Object> T connected(String uri, Work<T> work) {
        try {
            Connection connection = Nats.connect(uri);
            try {
                return work.with(connection);
            } finally {
                connection.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (IOException | JetStreamApiException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return the name of the server that leads the stream} */
    static String leader(String uri, String stream) {
        return leader(uri, stream, LONG_TIMEOUT);
    }

    /**
     * {@return the same, while it may be just lost} A question to a server that is gone is never
     * answered, so ask again rather than wait.
     *
     * @throws IllegalStateException if there is no answer at once
     */
    static String presentLeader(String uri, String stream) {
        return leader(uri, stream, JetStreamOptions.defaultOptions());
    }

    private static String leader(String uri, String stream, JetStreamOptions options) {
        ClusterInfo cluster =
                connected(
                        uri,
                        connection ->
                                connection
                                        .jetStreamManagement(options)
                                        .getStreamInfo(stream)
                                        .getClusterInfo());
        return Objects.requireNonNull(Objects.requireNonNull(cluster).getLeader());
    }

    /** {@return how a stream is configured} */
    static StreamConfiguration configuration(String uri, String stream) {
        return connected(
                uri,
                connection ->
                        connection
                                .jetStreamManagement(LONG_TIMEOUT)
                                .getStreamInfo(stream)
                                .getConfiguration());
    }

    /** Creates a stream. */
    static void create(String uri, StreamConfiguration configuration) {
        connected(
                uri,
                connection ->
                        connection.jetStreamManagement(LONG_TIMEOUT).addStream(configuration));
    }

    /** Configures a stream that exists. */
    static void update(String uri, StreamConfiguration configuration) {
        connected(
                uri,
                connection ->
                        connection.jetStreamManagement(LONG_TIMEOUT).updateStream(configuration));
    }

    /** Removes all messages of a stream. */
    static void purge(String uri, String stream) {
        connected(
                uri,
                connection -> connection.jetStreamManagement(LONG_TIMEOUT).purgeStream(stream));
    }

    /** Deletes a stream. */
    static void delete(String uri, String stream) {
        connected(
                uri,
                connection -> connection.jetStreamManagement(LONG_TIMEOUT).deleteStream(stream));
    }

    /** Deletes a broker's stream, and the buckets that belong to it, if they are there. */
    static void deleteAll(String uri, String stream) {
        connected(
                uri,
                connection -> {
                    JetStreamManagement management = connection.jetStreamManagement(LONG_TIMEOUT);
                    for (String name : management.getStreamNames()) {
                        if (name.contains(stream)) {
                            management.deleteStream(name);
                        }
                    }
                    return true;
                });
    }
}
