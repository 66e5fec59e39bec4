package dev.longwave.server.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** The client took nothing, or sent nothing, for longer than the deadline allows. */
public final class DeadlineExceededException extends UncheckedIOException {

    private static final long serialVersionUID = 1;

    DeadlineExceededException() {
        this(new IOException("nothing arrived in time"));
    }

    DeadlineExceededException(IOException cause) {
        super("the client made no progress within the deadline", cause);
    }

    /** {@return whether {@code failure} is one, or was caused by one} */
    public static boolean caused(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DeadlineExceededException) {
                return true;
            }
        }
        return false;
    }
}
