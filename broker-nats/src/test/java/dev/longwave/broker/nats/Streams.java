package dev.longwave.broker.nats;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Nats;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Streams as a test sees them, past the broker. */
final class Streams {

    private Streams() {}

    /** What is done with a connection. */
    interface Work<T> {
        T with(Connection connection)
                throws IOException, JetStreamApiException, InterruptedException;
    }

    /** Does {@code work} with a connection of its own. */
    static <T> T connected(String uri, Work<T> work) {
        try (Connection connection = Nats.connect(uri)) {
            return work.with(connection);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JetStreamApiException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Deletes a stream, if it is there. */
    static void delete(String uri, String stream) {
        connected(
                uri,
                connection ->
                        connection.jetStreamManagement().getStreamNames().contains(stream)
                                && connection.jetStreamManagement().deleteStream(stream));
    }
}
