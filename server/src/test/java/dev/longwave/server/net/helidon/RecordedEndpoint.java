package dev.longwave.server.net.helidon;

import dev.longwave.server.net.Endpoint;
import dev.longwave.server.net.Receiver;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/** An endpoint that keeps what is written to it. */
final class RecordedEndpoint implements Endpoint {

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private boolean drained;

    String written() {
        return written.toString(StandardCharsets.US_ASCII);
    }

    boolean isDrained() {
        return drained;
    }

    @Override
    public byte[] read() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void receive(Receiver receiver) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void write(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            written.write(bytes.get());
        }
    }

    @Override
    public boolean enableDirectWrites() {
        return false;
    }

    @Override
    public int tryWrite(byte[] array, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void onReset(Runnable action) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int prefetch() {
        return 0;
    }

    @Override
    public InetSocketAddress peer() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    }

    @Override
    public Optional<SSLSession> tls() {
        return Optional.empty();
    }

    @Override
    public void expireInput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void drain(int maxBytes, Duration atMost) {
        drained = true;
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
