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
    private static final Pattern DUMPED_VIRTUAL = Pattern.compile("(?m)^#\\d+ \".*\" virtual");

    /** Looks at a process. It takes a second or so, and a pause of the process. */
    public static ProcessSnapshot of(long pid) throws IOException, InterruptedException {
        // The histogram counts live objects only, so it begins with a full collection.
        long liveHeap = Long.parseLong(found(HISTOGRAM_TOTAL, jcmd(pid, "GC.class_histogram")));
        Path proc = Path.of("/proc", Long.toString(pid));
        String status = Files.readString(proc.resolve("status"));
        return new ProcessSnapshot(
                liveHeap,
                Integer.parseInt(found(STATUS_THREADS, status)),
                virtualThreads(pid),
                fileDescriptors(proc));
    }

    private static int fileDescriptors(Path proc) throws IOException {
        try (Stream<Path> open = Files.list(proc.resolve("fd"))) {
            return Math.toIntExact(open.count());
        }
    }

    private static int virtualThreads(long pid) throws IOException, InterruptedException {
        Path dump = Files.createTempFile("threads", ".txt");
        try {
            jcmd(pid, "Thread.dump_to_file", "-overwrite", dump.toString());
            return Math.toIntExact(
                    DUMPED_VIRTUAL.matcher(Files.readString(dump)).results().count());
        } finally {
            Files.delete(dump);
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
