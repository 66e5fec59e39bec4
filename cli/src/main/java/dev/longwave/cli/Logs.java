package dev.longwave.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/** How the server logs, unless the operator has configured java.util.logging. */
final class Logs {

    private static final String DEFAULTS = "/dev/longwave/cli/logging.properties";

    private Logs() {}

    /**
     * Configures the log of this process.
     *
     * @param json whether each record is a JSON object on a line of its own
     */
    static void configure(boolean json) {
        boolean configured =
                System.getProperty("java.util.logging.config.file") != null
                        || System.getProperty("java.util.logging.config.class") != null;
        if (configured) {
            return;
        }
        try (InputStream defaults = Logs.class.getResourceAsStream(DEFAULTS)) {
            LogManager.getLogManager().readConfiguration(defaults);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (json) {
            for (Handler handler : Logger.getLogger("").getHandlers()) {
                handler.setFormatter(new JsonLogFormatter());
            }
        }
    }
}
