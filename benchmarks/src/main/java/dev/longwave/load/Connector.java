package dev.longwave.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/** Opens connections to the server. */
final class Connector {
    private final EventLoop loop;
    private final InetSocketAddress server;
    private final int localAddresses;
    private final Optional<TlsClient.Shared> tls;
    private int opened;

    Connector(
            EventLoop loop,
            InetSocketAddress server,
            int localAddresses,
            Optional<TlsClient.Shared> tls) {
        this.tls = tls;
        this.loop = loop;
        this.server = server;
        this.localAddresses = localAddresses;
    }

    /** {@return TLS for a connection, unless it is to be without} */
    Optional<TlsClient> tls(SocketChannel channel) {
        return tls.map(shared -> shared.client(channel));
    }

    /** Begins to connect; {@code handler} is called once that is done. */
    SocketChannel connect(EventLoop.Handler handler) throws IOException {
        return connect(handler, 0);
    }

    /**
     * As {@link #connect(EventLoop.Handler)}.
     *
     * @param receiveBytes the size of the socket's receive buffer, 0 for the system's choice
     */
    SocketChannel connect(EventLoop.Handler handler, int receiveBytes) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        // Closing resets, and leaves no port in TIME_WAIT for the next run to stumble on.
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        if (receiveBytes > 0) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBytes);
        }
        if (localAddresses > 0) {
            int last = 2 + opened++ % localAddresses;
            channel.bind(
                    new InetSocketAddress(
                            InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last}), 0));
        }
        channel.connect(server);
        loop.register(channel, SelectionKey.OP_CONNECT, handler);
        return channel;
    }
}
