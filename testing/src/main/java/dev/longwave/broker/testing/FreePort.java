package dev.longwave.broker.testing;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Finds ports for servers that must get the same one again after they were killed. */
final class FreePort {
    /*
     * Below what Linux, BSD and Windows give to outgoing connections. A port that the system itself picks, for port 0,
     * may go to somebody's outgoing connection while its server is down; and a client that tries again and again to
     * reach such a port is, by and by, given it as its own, and then connected to itself.
     *
     * The tests of several modules run at the same time. Each JVM therefore keeps the UDP port of the same number, which
     * none of the servers uses, for as long as it lives: to the others, this means that the TCP port is taken, also while
     * its server is down.
     */
    private static final int FIRST = 16_000;

    private static final int LAST = 31_999;
    private static final int ATTEMPTS = 1_000;

    private static final Map<Integer, DatagramSocket> GIVEN = new ConcurrentHashMap<>();

    private FreePort() {}

    /** {@return a port of loopback that nobody listens on, and that was not given before} */
    static int find() {
        for (int i = 0; i < ATTEMPTS; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
            if (!GIVEN.containsKey(port) && isFree(port) && reserve(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port first=" + FIRST + " last=" + LAST);
    }

    private static boolean reserve(int port) {
        try {
            GIVEN.put(
                    port,
                    new DatagramSocket(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
            return true;
        } catch (SocketException _) {
            return false;
        }
    }

    private static boolean isFree(int port) {
        try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
