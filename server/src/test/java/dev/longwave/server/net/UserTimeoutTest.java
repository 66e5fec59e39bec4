package dev.longwave.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

final class UserTimeoutTest {

    private static final String ESTABLISHED = "01";

    @Test
    @EnabledOnOs(OS.LINUX)
    void isInheritedByAcceptedConnections() throws Throwable {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int port = ((InetSocketAddress) server.getLocalAddress()).getPort();

            assertThat(UserTimeout.set(port, Duration.ofSeconds(31))).isTrue();

            try (SocketChannel client = SocketChannel.open(server.getLocalAddress());
                    SocketChannel accepted = server.accept()) {
                assertThat(accepted.isConnected()).isTrue();
                int remote = ((InetSocketAddress) client.getLocalAddress()).getPort();
                assertThat(option(descriptor(port, remote))).isEqualTo(31_000);
            }
        }
    }

    @Test
    void saysWhenItIsNotSet() {
        assertThat(UserTimeout.set(1, Duration.ofSeconds(31))).isFalse();
    }

    private static int descriptor(int local, int remote) throws IOException {
        for (Path table : List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"))) {
            for (String line : Files.readAllLines(table)) {
                String[] columns = line.strip().split("\\s+", -1);
                if (columns[1].endsWith(":%04X".formatted(local))
                        && columns[2].endsWith(":%04X".formatted(remote))
                        && columns[3].equals(ESTABLISHED)) {
                    return UserTimeout.descriptor(columns[9]);
                }
            }
        }
        throw new IllegalStateException("no such connection");
    }

    @SuppressWarnings("restricted")
    private static int option(int descriptor) throws Throwable {
        Linker linker = Linker.nativeLinker();
        var getsockopt =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("getsockopt"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS,
                                ValueLayout.ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, Integer.BYTES);
            int result =
                    (int)
                            getsockopt.invokeExact(
                                    descriptor,
                                    UserTimeout.IPPROTO_TCP,
                                    UserTimeout.TCP_USER_TIMEOUT,
                                    value,
                                    length);
            assertThat(result).isZero();
            return value.get(ValueLayout.JAVA_INT, 0);
        }
    }
}
