package dev.longwave.server.net.helidon;

import io.helidon.common.socket.SocketWriterException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import java.io.UncheckedIOException;

/** Failures of handlers that mean that the client is gone. */
public final class ClientGone {
    private ClientGone() {}

    /** {@return whether {@code failure} means it} */
    public static boolean isMeantBy(RuntimeException failure) {
        return failure instanceof ServerConnectionException
                || failure instanceof UncheckedIOException
                || failure instanceof SocketWriterException
                || failure instanceof CloseConnectionException;
    }

    /** {@return what a handler throws, so that its engine ends the connection without an answer} */
    public static RuntimeException exception(RuntimeException cause) {
        return new CloseConnectionException("the client is gone", cause);
    }
}
