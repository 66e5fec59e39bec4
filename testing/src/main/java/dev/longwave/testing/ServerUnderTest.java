package dev.longwave.testing;

import java.net.URI;

/** A running server. */
public interface ServerUnderTest extends AutoCloseable {

    /** {@return the port it listens on, which a restart may change} */
    int port();

    /** {@return its process, which may be the test's own} */
    long pid();

    /** Stops the server and starts it again, with a memory broker that knows nothing any more. */
    void restart();

    @Override
    void close();

    /** {@return where {@code target}, a path and query, is} */
    default URI uri(String target) {
        return URI.create("http://127.0.0.1:" + port() + target);
    }
}
