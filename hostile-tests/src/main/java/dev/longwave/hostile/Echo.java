package dev.longwave.hostile;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;

/**
 * Measures what this machine and this JVM delay on their own: each beat goes over a TCP connection
 * from one thread of this JVM to another, and no server is involved.
 */
final class Echo implements AutoCloseable {

    private final Socket here;
    private final Socket there;
    private final DataOutputStream out;
    private final Delays delays;

    Echo(Duration interval) throws IOException {
        this.delays = new Delays(interval);
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            here = new Socket(InetAddress.getLoopbackAddress(), listener.getLocalPort());
            there = listener.accept();
        }
        here.setTcpNoDelay(true);
        out = new DataOutputStream(here.getOutputStream());
        var in = new DataInputStream(there.getInputStream());
        Thread.ofVirtual().name("echo").start(() -> receive(in));
    }

    Delays delays() {
        return delays;
    }

    /** For one thread. */
    void beat() {
        try {
            out.writeLong(System.nanoTime());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void receive(DataInputStream in) {
        try {
            while (true) {
                long sent = in.readLong();
                delays.add(System.nanoTime() - sent);
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    @Override
    public void close() {
        try (here;
                there) {
            // Both are closed.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
