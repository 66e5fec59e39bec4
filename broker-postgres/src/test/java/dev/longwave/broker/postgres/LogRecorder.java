package dev.longwave.broker.postgres;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Keeps what is logged while it is open. */
final class LogRecorder extends Handler implements AutoCloseable {

    private final Queue<LogRecord> records = new ConcurrentLinkedQueue<>();
    private final Logger logger = Logger.getLogger("dev.longwave");

    LogRecorder() {
        logger.addHandler(this);
    }

    /** {@return the lines so far that contain {@code text}} */
    List<String> lines(String text) {
        var formatter = new SimpleFormatter();
        return records.stream()
                .map(formatter::formatMessage)
                .filter(line -> line.contains(text))
                .toList();
    }

    @Override
    public void publish(LogRecord record) {
        records.add(record);
    }

    @Override
    public void flush() {
        // Nothing is buffered.
    }

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
