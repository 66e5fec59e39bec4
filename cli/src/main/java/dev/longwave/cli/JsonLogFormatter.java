package dev.longwave.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/**
 * A log record as a JSON object in one line, with {@code time}, {@code level}, {@code logger},
 * {@code message}, and {@code thrown}, a stack trace, if there is one.
 *
 * <p>Public so that a configuration of java.util.logging can name it.
 */
public final class JsonLogFormatter extends Formatter {

    @Override
    public String format(LogRecord entry) {
        ObjectNode line =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("time", entry.getInstant().truncatedTo(ChronoUnit.MILLIS).toString())
                        .put("level", entry.getLevel().getName())
                        .put("logger", entry.getLoggerName())
                        .put("message", formatMessage(entry));
        Throwable thrown = entry.getThrown();
        if (thrown != null) {
            var trace = new StringWriter();
            thrown.printStackTrace(new PrintWriter(trace));
            line.put("thrown", trace.toString());
        }
        return line + "\n";
    }
}
