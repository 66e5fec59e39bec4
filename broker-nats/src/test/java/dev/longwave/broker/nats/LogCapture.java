package dev.longwave.broker.nats;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** All that is logged while it is open, down to the finest. */
final class LogCapture implements AutoCloseable {

    private static final Logger ROOT = Logger.getLogger("");

    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Level before = ROOT.getLevel();
    private final Handler handler =
            new Handler() {
                private final SimpleFormatter formatter = new SimpleFormatter();

                @Override
                public void publish(LogRecord entry) {
                    lines.add(formatter.format(entry));
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };

    private LogCapture() {
        handler.setLevel(Level.ALL);
        ROOT.addHandler(handler);
        ROOT.setLevel(Level.ALL);
    }

    static LogCapture open() {
        return new LogCapture();
    }

    String text() {
        return String.join("", lines);
    }

    /** {@return all that an exception says, with its causes} */
    static String of(Throwable exception) {
        var text = new StringWriter();
        exception.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Override
    public void close() {
        ROOT.removeHandler(handler);
        ROOT.setLevel(before);
    }
}
