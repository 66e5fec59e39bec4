package dev.longwave.server;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Keeps the log records that an operator would have to look at, until it is closed. */
public final class Warnings extends Handler implements AutoCloseable {

    private final Queue<String> records = new ConcurrentLinkedQueue<>();

    private Warnings() {}

    public static Warnings recorded() {
        var warnings = new Warnings();
        Logger.getLogger("").addHandler(warnings);
        return warnings;
    }

    public List<String> records() {
        return List.copyOf(records);
    }

    @Override
    public void publish(LogRecord entry) {
        if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
            records.add(entry.getLoggerName() + " " + entry.getMessage() + " " + entry.getThrown());
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        Logger.getLogger("").removeHandler(this);
    }
}
