package dev.longwave.server.plugin;

import dev.longwave.broker.BrokerException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says in one line what the code of a plugin failed at. */
final class Faults {

    private static final Pattern BINARY_NAME = Pattern.compile("[\\w$/]+");
    private static final Pattern BREAKS = Pattern.compile("\\p{Cntrl}+");
    private static final int MAX_LENGTH = 400;

    private Faults() {}

    /**
     * {@return what is wrong, and what to do}
     *
     * @param step what was done, as in "its provider cannot be made"
     */
    static String of(String step, Throwable failure) {
        return step + ": " + oneLine(words(failure));
    }

    private static String words(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        return switch (failure) {
            case NoClassDefFoundError _ when BINARY_NAME.matcher(message).matches() ->
                    missing(message.replace('/', '.'));
            case UnsupportedClassVersionError _ ->
                    "it was compiled for a newer Java than "
                            + Runtime.version().feature()
                            + ": "
                            + message;
            case ExceptionInInitializerError e when e.getCause() != null ->
                    "a class cannot be initialized: " + thrown(e.getCause());
            case IncompatibleClassChangeError _ ->
                    "it was compiled against another version of a library or of the broker SPI: "
                            + message;
            case BrokerException _ -> message;
            default -> thrown(failure);
        };
    }

    static String missing(String className) {
        return "class %s is missing: put the jar that contains it into the folder"
                .formatted(className);
    }

    /** The exception, and where: its author looks for that first. */
    private static String thrown(@Nullable Throwable failure) {
        if (failure == null) {
            return "unknown";
        }
        StackTraceElement[] trace = failure.getStackTrace();
        return failure + (trace.length == 0 ? "" : " at " + trace[0]);
    }

    private static String oneLine(String words) {
        String line = BREAKS.matcher(words).replaceAll(" ");
        return line.substring(0, Math.min(line.length(), MAX_LENGTH));
    }
}
