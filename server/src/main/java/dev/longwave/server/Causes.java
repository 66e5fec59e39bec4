package dev.longwave.server;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Why something failed, in one line: the message, and those of its causes. The words of client
 * libraries may contain addresses with passwords, which are left out.
 */
final class Causes {

    private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/@\\s]*@");
    private static final Pattern SECRET =
            Pattern.compile("(?i)(?<=(password|passwd|secret|token)=)[^&;,\\s]+");
    private static final Pattern BREAKS = Pattern.compile("\\p{Cntrl}+");
    private static final int MAX_DEPTH = 8;
    private static final int MAX_LENGTH = 1000;

    private Causes() {}

    static String line(Throwable failure) {
        var line = new StringBuilder(String.valueOf(failure.getMessage()));
        @Nullable Throwable cause = failure.getCause();
        for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
            String message = cause.getMessage();
            String said = message == null ? cause.getClass().getSimpleName() : message;
            // Often, a message repeats that of its cause.
            if (line.indexOf(said) < 0) {
                line.append("; cause: ").append(cause.getClass().getSimpleName());
                if (message != null) {
                    line.append(": ").append(message);
                }
            }
            cause = cause.getCause();
        }
        String clean = BREAKS.matcher(line).replaceAll(" ");
        clean = SECRET.matcher(USER_INFO.matcher(clean).replaceAll("***@")).replaceAll("***");
        return clean.substring(0, Math.min(clean.length(), MAX_LENGTH));
    }
}
