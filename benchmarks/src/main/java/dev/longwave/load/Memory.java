package dev.longwave.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Memory at one moment.
 *
 * @param serverBytes the resident set of the server's processes
 * @param tcpBytes what TCP's buffers take, of the whole machine: both ends of each connection
 * @param slabBytes what the kernel's objects take (sockets, files, epoll entries), likewise
 */
record Memory(long serverBytes, long tcpBytes, long slabBytes) {
    private static final long KIB = 1024;
    private static final long PAGE_BYTES = 4096;

    static Memory now(List<Long> pids) {
        long server = 0;
        for (long pid : pids) {
            server += number("/proc/" + pid + "/status", "VmRSS:", "VmRSS:") * KIB;
        }
        return new Memory(
                server,
                number("/proc/net/sockstat", "TCP:", "mem") * PAGE_BYTES,
                number("/proc/meminfo", "Slab:", "Slab:") * KIB);
    }

    long kernelBytes() {
        return tcpBytes + slabBytes;
    }

    /** {@return the number after {@code word} in the line that begins with {@code line}} */
    private static long number(String file, String line, String word) {
        try {
            for (String text : Files.readAllLines(Path.of(file))) {
                if (text.startsWith(line)) {
                    String rest = text.substring(text.indexOf(word) + word.length()).strip();
                    int end = rest.indexOf(' ');
                    return Long.parseLong(end < 0 ? rest : rest.substring(0, end));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new IllegalStateException(file + " has no " + line);
    }
}
