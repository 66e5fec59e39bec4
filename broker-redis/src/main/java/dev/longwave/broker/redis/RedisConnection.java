package dev.longwave.broker.redis;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** A connection that is used until it breaks, and never reconnects. */
final class RedisConnection extends Connection {
    /*
     * Jedis silently reconnects a closed connection when it is written to: a thread that writes to
     * a Pub/Sub connection just given up by another thread would open one that nobody reads. The
     * socket factory therefore works only once. It also keeps the socket, so that any thread can
     * break the connection while others read or write. With TLS it closes the underlying socket:
     * closing the TLS socket sends close_notify, and would wait for a blocked writer.
     */
    private final OneSocket socket;

    private RedisConnection(OneSocket socket, JedisClientConfig config) {
        super(socket, config);
        this.socket = socket;
    }

    /**
     * Connects and authenticates.
     *
     * @param tls null to connect without TLS
     * @param config the login and the time-outs
     * @throws redis.clients.jedis.exceptions.JedisException if that fails
     */
    static RedisConnection connect(
            HostAndPort server, @Nullable Tls tls, JedisClientConfig config) {
        var socket = new OneSocket(new DefaultJedisSocketFactory(server, config), tls, server);
        try {
            return new RedisConnection(socket, config);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Checks that the server is a primary.
     *
     * @throws JedisConnectionException if it is none; the connection is then closed
     */
    void checkPrimary() {
        try {
            var role = new Reply(executeCommand(new CommandArguments(Command.ROLE)));
            if (role.at(0).text().equals("master")) {
                return;
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        close();
        throw new JedisConnectionException("the server is not a primary, or not yet");
    }

    /** Sends all commands at once. One thread at a time may send, while another one reads. */
    void send(List<CommandArguments> commands) {
        commands.forEach(this::sendCommand);
        flush();
    }

    /**
     * Closes the socket at once. Callable from any thread; threads that use it get an exception.
     */
    void abort() {
        socket.close();
    }

    /** Closes the connection. Unlike the superclass, it does not flush buffered commands. */
    @Override
    public void close() {
        setBroken();
        abort();
    }

    private static final class OneSocket implements JedisSocketFactory {

        private final JedisSocketFactory sockets;
        private final @Nullable Tls tls;
        private final HostAndPort server;
        // Both guarded by this.
        private @Nullable Socket socket;
        private boolean used;

        OneSocket(JedisSocketFactory sockets, @Nullable Tls tls, HostAndPort server) {
            this.sockets = sockets;
            this.tls = tls;
            this.server = server;
        }

        @Override
        public Socket createSocket() {
            synchronized (this) {
                if (used) {
                    throw new JedisConnectionException("the connection has ended");
                }
                used = true;
            }
            Socket created = sockets.createSocket();
            synchronized (this) {
                socket = created;
            }
            if (tls == null) {
                return created;
            }
            try {
                return tls.over(created, server.getHost(), server.getPort());
            } catch (IOException e) {
                close();
                throw new JedisConnectionException("TLS failed", e);
            }
        }

        synchronized void close() {
            if (socket != null) {
                try {
                    socket.close();
                } catch (IOException _) {
                    // The connection is given up either way.
                }
            }
        }

        @Override
        public String toString() {
            return "OneSocket"; // the wrapped factory's text might include secrets
        }
    }
}
