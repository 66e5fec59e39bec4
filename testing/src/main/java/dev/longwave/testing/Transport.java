package dev.longwave.testing;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Map;

/** How a client reaches the server. */
public interface Transport {

    /**
     * Sends a GET request, and does not wait for the answer.
     *
     * @throws IOException if there was no connection or it broke
     */
    Exchange get(URI uri, Map<String, String> headers) throws IOException;

    /** A request and the answer to it. One thread reads; any may close. */
    interface Exchange extends Closeable {

        /**
         * Waits for the header of the answer.
         *
         * @throws IOException if the connection broke before it was complete
         */
        ResponseHead head() throws IOException;

        /**
         * {@return the body of the answer, which gives bytes as they come, and fails if it is cut
         * short}
         */
        InputStream body() throws IOException;

        /** Gives the answer up. Who waits for it gets an {@link IOException}. */
        @Override
        void close();
    }
}
