package dev.longwave.server.net;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Has Linux end connections whose client acknowledges nothing, for as long as something was sent to
 * it: {@code TCP_USER_TIMEOUT}, tcp(7) and RFC 5482.
 *
 * <p>A client whose cable was pulled sends no FIN. Heartbeats to it fit into the send buffer for
 * hours, so that no write is ever blocked, and by default the kernel gives up after 15 minutes
 * only.
 */
final class UserTimeout {
    /*
     * The JDK has no such option, and does not give away a channel's file descriptor. But connections inherit
     * the option from the socket that accepts them, so it need be set only once, and that socket can be found
     * by its port: /proc/self/net/tcp names its inode, and /proc/self/fd the descriptor of that inode.
     *
     * Linux also gives up a client that does read, but whose receive window never has room for a whole segment
     * (tcp_ack_probe). On a network, where a segment has 1,460 bytes, no client's window is that small. On loopback,
     * a segment has up to 64 KiB, and a slow reader with a receive buffer of 4 KiB is cut after the timeout.
     */
    private static final System.Logger LOGGER = System.getLogger(UserTimeout.class.getName());
    static final int IPPROTO_TCP = 6;
    static final int TCP_USER_TIMEOUT = 18;
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final List<Path> TABLES =
            List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));

    // Columns of these tables: proc_pid_net(5).
    private static final int LOCAL_ADDRESS = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;
    private static final String LISTENING = "0A";

    private UserTimeout() {}

    /**
     * Sets it for all connections that will come in by {@code port}.
     *
     * @return whether that is possible here
     */
    static boolean set(int port, Duration timeout) {
        if (!Files.isDirectory(DESCRIPTORS)) {
            return false;
        }
        try {
            boolean set = false;
            for (Path table : TABLES) {
                for (String inode : inodes(table, port)) {
                    set |= setOption(descriptor(inode), timeout);
                }
            }
            return set;
        } catch (IOException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "TCP_USER_TIMEOUT was not set", e);
            return false;
        }
    }

    /** The sockets that listen on {@code port}, maybe on several addresses. */
    private static List<String> inodes(Path table, int port) throws IOException {
        if (!Files.exists(table)) {
            return List.of();
        }
        String suffix = ":%04X".formatted(port);
        return Files.readAllLines(table).stream()
                .map(line -> line.strip().split("\\s+"))
                .filter(columns ->
                        columns.length > INODE
                                && columns[LOCAL_ADDRESS].endsWith(suffix)
                                && columns[STATE].equals(LISTENING))
                .map(columns -> columns[INODE])
                .toList();
    }

    /** The descriptor of this process that leads to {@code inode}; -1 if there is none. */
    static int descriptor(String inode) throws IOException {
        String target = "socket:[" + inode + "]";
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path descriptor : descriptors) {
                if (leadsTo(descriptor, target)) {
                    return Integer.parseInt(descriptor.getFileName().toString());
                }
            }
        }
        return -1;
    }

    private static boolean leadsTo(Path descriptor, String target) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString().equals(target);
        } catch (NoSuchFileException _) {
            return false; // closed in the meantime
        }
    }

    @SuppressWarnings("restricted") // the launcher allows it: --enable-native-access
    private static boolean setOption(int descriptor, Duration timeout) {
        if (descriptor < 0) {
            return false; // the port is another process's on another address
        }
        Linker linker = Linker.nativeLinker();
        MethodHandle setsockopt =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("setsockopt"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS,
                                ValueLayout.JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment millis =
                    arena.allocateFrom(
                            ValueLayout.JAVA_INT, Math.clamp(timeout.toMillis(), 1, 1 << 30));
            int result =
                    (int)
                            setsockopt.invokeExact(
                                    descriptor,
                                    IPPROTO_TCP,
                                    TCP_USER_TIMEOUT,
                                    millis,
                                    (int) millis.byteSize());
            return result == 0;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("setsockopt throws nothing", e);
        }
    }
}
