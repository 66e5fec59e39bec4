package dev.longwave.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a JVM on this machine uses: this one or another one of the same user. Linux only.
 *
 * @param liveHeapBytes the heap's live objects, after a full collection
 * @param platformThreads threads of the operating system, those of the JVM itself among them
 * @param virtualThreads virtual threads that have begun and not ended
 * @param fileDescriptors open files and sockets
 */
public record ProcessSnapshot(
        long liveHeapBytes, int platformThreads, int virtualThreads, int fileDescriptors) {

    private static final long TIMEOUT_SECONDS = 300;
    private static final Pattern HISTOGRAM_TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");
    private static final Pattern STATUS_THREADS = Pattern.compile("(?m)^Threads:\\s+(\\d+)");
    private static final Pattern HISTOGRAM_VIRTUAL_THREADS =
            Pattern.compile("(?m)^\\s*\\d+:\\s+(\\d+)\\s+\\d+\\s+java\\.lang\\.VirtualThread\\b");

    /** Looks at a process. It takes a second or so, and a pause of the process. */
    public static ProcessSnapshot of(long pid) throws IOException, InterruptedException {
        // The histogram counts live objects only, so it begins with a full collection. A dump of
        // the threads would
        // have the virtual ones, too, but it crashed a busy server (JDK 25.0.3,
        // stackChunkOopDesc::sender).
        String histogram = jcmd(pid, "GC.class_histogram");
        Path proc = Path.of("/proc", Long.toString(pid));
        String status = Files.readString(proc.resolve("status"));
        Matcher virtualThreads = HISTOGRAM_VIRTUAL_THREADS.matcher(histogram);
        return new ProcessSnapshot(
                Long.parseLong(found(HISTOGRAM_TOTAL, histogram)),
                Integer.parseInt(found(STATUS_THREADS, status)),
                virtualThreads.find() ? Integer.parseInt(virtualThreads.group(1)) : 0,
                fileDescriptors(proc));
    }

    private static int fileDescriptors(Path proc) throws IOException {
        try (Stream<Path> open = Files.list(proc.resolve("fd"))) {
            return Math.toIntExact(open.count());
        }
    }

    private static String jcmd(long pid, String... command)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("jcmd", ".txt");
        try {
            String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
            Process process =
                    new ProcessBuilder(
                                    Stream.concat(
                                                    Stream.of(jcmd, Long.toString(pid)),
                                                    Stream.of(command))
                                            .toList())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            boolean ended = process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            String said = Files.readString(output);
            if (!ended || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException("jcmd failed pid=" + pid + " " + said);
            }
            return said;
        } finally {
            Files.delete(output);
        }
    }

    private static String found(Pattern pattern, String text) throws IOException {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IOException("expected " + pattern + " in " + text.lines().limit(5).toList());
        }
        return matcher.group(1);
    }
}
