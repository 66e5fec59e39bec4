package dev.longwave.server.ops;

import io.helidon.common.socket.SocketOptions;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Options of accepted connections that limit how long a read may wait. */
final class ReadDeadline implements SocketOptions {
    /*
     * Helidon reads the option readTimeout() but does not apply it to accepted connections: it would wait forever for
     * the rest of a request.
     */
    private final SocketOptions options;

    /**
     * Socket options for a listener that does not use NIO.
     *
     * @param readTimeout the limit of one read
     * @param sendBufferBytes how much the kernel may hold for a client that does not read
     */
    ReadDeadline(Duration readTimeout, int sendBufferBytes) {
        this.options =
                SocketOptions.builder()
                        .readTimeout(readTimeout)
                        .socketSendBufferSize(sendBufferBytes)
                        .tcpNoDelay(true)
                        .build();
    }

    @Override
    public void configureSocket(SocketChannel socket) {
        options.configureSocket(socket);
        try {
            socket.socket().setSoTimeout(Math.toIntExact(readTimeout().toMillis()));
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Map<SocketOption<?>, Object> socketOptions() {
        return options.socketOptions();
    }

    @Override
    public Duration connectTimeout() {
        return options.connectTimeout();
    }

    @Override
    public Duration readTimeout() {
        return options.readTimeout();
    }

    @Override
    public Optional<Integer> socketReceiveBufferSize() {
        return options.socketReceiveBufferSize();
    }

    @Override
    public Optional<Integer> socketSendBufferSize() {
        return options.socketSendBufferSize();
    }

    @Override
    public boolean socketReuseAddress() {
        return options.socketReuseAddress();
    }

    @Override
    public boolean socketKeepAlive() {
        return options.socketKeepAlive();
    }

    @Override
    public boolean tcpNoDelay() {
        return options.tcpNoDelay();
    }
}
