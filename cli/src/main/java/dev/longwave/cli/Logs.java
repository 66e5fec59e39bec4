package dev.longwave.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.logging.LogManager;

/**
 * How the server logs, unless the operator says otherwise in the way that java.util.logging knows.
 */
final class Logs {

    private static final String DEFAULTS = "/dev/longwave/cli/logging.properties";

    private Logs() {}

    static void configure() {
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
    }
}
