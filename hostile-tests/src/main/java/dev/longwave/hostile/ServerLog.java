package dev.longwave.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a server may log because of its clients: once in a while, how many did something wrong; and
 * that they have taken all its descriptors, which an operator has to raise.
 */
final class ServerLog {

    private static final Pattern RECORD =
            Pattern.compile("[0-9T:.+-]+ (SEVERE|WARNING|INFO|FINE\\w*|CONFIG) [\\w.$]+: .*");

    /** With a group that names the kind. */
    private static final Pattern SUMMARY =
            Pattern.compile(
                    "\\S+ WARNING dev\\.longwave\\.server\\.net\\.ClientFaults: "
                            + "\\d+ ([a-z ]+) since the last such line; the latest from [0-9.:]+"
                            + "|\\S+ SEVERE dev\\.longwave\\.server\\.net\\.Listener: "
                            + "cannot accept connections; .*Too many open files");

    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x09\\x0b-\\x1f\\x7f]");

    private ServerLog() {}

    /** Fails unless all that was logged is summaries of what clients did wrong. */
    static void verify(String logged) {
        assertThat(logged.lines().filter(line -> !SUMMARY.matcher(line).matches()))
                .as("lines in the server's log that no client may cause")
                .isEmpty();
    }

    /** Fails if a summary came more often than once a minute. */
    static void verifySummaries(String logged, long minutes) {
        Map<String, Long> perKind =
                logged.lines()
                        .map(SUMMARY::matcher)
                        .filter(Matcher::matches)
                        .collect(
                                Collectors.groupingBy(
                                        line -> String.valueOf(line.group(1)),
                                        Collectors.counting()));
        assertThat(perKind.values()).allMatch(times -> times <= minutes + 1, perKind.toString());
    }

    /**
     * Fails if a line does not begin as the server begins it, is long, or has control characters.
     */
    static void verifyLines(String logged, int maxLength) {
        List<String> lines = List.of(logged.split("\n"));
        assertThat(lines).allMatch(line -> RECORD.matcher(line).matches(), "is a record");
        assertThat(lines).allMatch(line -> line.length() <= maxLength, "is short");
        assertThat(logged).doesNotContainPattern(CONTROL);
    }
}
