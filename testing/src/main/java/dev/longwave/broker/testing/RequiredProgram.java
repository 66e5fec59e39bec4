package dev.longwave.broker.testing;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds a program that a test needs. Where it is missing the test is skipped, loudly; where all
 * must be proven, it fails.
 */
public final class RequiredProgram {

    /** Set to {@code true} by who wants everything proven. */
    private static final List<String> ALL_REQUIRED = List.of("REQUIRE_ALL_SERVERS", "CI");

    /** Where Debian and others put what is not on everybody's PATH. */
    private static final List<String> USUAL_PLACES =
            List.of("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/sbin", "/bin");

    private RequiredProgram() {}

    /**
     * Finds a program.
     *
     * @param names the names it goes by, the preferred one first
     * @return the file
     * @throws org.opentest4j.TestAbortedException if there is none, which skips the test
     * @throws AssertionError if there is none and all programs are required
     */
    public static Path find(String... names) {
        return find(System.getenv(), names);
    }

    /**
     * Finds a program that {@code scripts/servers.sh} unpacked, in the project that the test runs
     * in.
     *
     * @param server the server's name in that script
     * @param file the file within what was unpacked
     * @return the file
     * @throws org.opentest4j.TestAbortedException if there is none, which skips the test
     * @throws AssertionError if there is none and all programs are required
     */
    public static Path unpacked(String server, String file) {
        // Tests run in their module's directory.
        for (Path place = Path.of("").toAbsolutePath(); place != null; place = place.getParent()) {
            Path program = place.resolve("scripts/cache/servers").resolve(server).resolve(file);
            if (Files.isExecutable(program)) {
                return program;
            }
        }
        return missing(System.getenv(), server + ", which scripts/servers.sh gets");
    }

    static Path find(Map<String, String> environment, String... names) {
        String path = environment.getOrDefault("PATH", "");
        Optional<Path> found =
                Arrays.stream(names)
                        .flatMap(name ->
                                Stream.concat(
                                                Arrays.stream(path.split(File.pathSeparator))
                                                        .filter(place -> !place.isEmpty()),
                                                USUAL_PLACES.stream())
                                        .map(place -> Path.of(place, name)))
                        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                        .findFirst();
        return found.orElseGet(() -> missing(environment, names));
    }

    private static Path missing(Map<String, String> environment, String... names) {
        String message =
                "a program that this test needs is not installed: " + String.join(" or ", names);
        if (ALL_REQUIRED.stream().anyMatch(name -> "true".equals(environment.get(name)))) {
            throw new AssertionError(message);
        }
        System.err.println("*** SKIPPED, NOT PROVEN: " + message + " ***");
        return abort(message);
    }
}
