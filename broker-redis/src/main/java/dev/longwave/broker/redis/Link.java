package dev.longwave.broker.redis;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** One connection, which is used until it breaks and never connects again. */
final class Link extends Connection {
    /*
     * Jedis connects a closed connection anew when it is written to, silently: whoever writes to a
     * Pub/Sub connection that another thread has just given up would have one that nobody reads.
     * Hence the socket factory that works once. It also knows the socket, so that any thread can
     * break the connection, whoever reads or writes it just then. With TLS it is the socket below
     * that is closed: closing the upper one would wait for whoever writes, to say farewell.
     */
    private final OneSocket socket;

    private Link(OneSocket socket, JedisClientConfig config) {
        super(socket, config);
        this.socket = socket;
    }

    /**
     * Connects and logs in.
     *
     * @param tls null for none
     * @throws redis.clients.jedis.exceptions.JedisException if that fails
     */
    static Link connect(
            RedisSettings settings, @Nullable Tls tls, String name, int readTimeoutMillis) {
        RedisAddress address = settings.address();
        JedisClientConfig config =
                DefaultJedisClientConfig.builder()
                        .protocol(RedisProtocol.RESP2)
                        .connectionTimeoutMillis((int) settings.timeout().toMillis())
                        .socketTimeoutMillis(readTimeoutMillis)
                        .user(address.user())
                        .password(address.password())
                        .database(address.database())
                        .clientName(name)
                        .build();
        var place = new HostAndPort(address.host(), address.port());
        var socket = new OneSocket(new DefaultJedisSocketFactory(place, config), tls, place);
        try {
            return new Link(socket, config);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Sends all of them at once. For one thread at a time, which need not be the one that reads.
     */
    void send(List<CommandArguments> commands) {
        commands.forEach(this::sendCommand);
        flush();
    }

    /** Ends it at once, in any thread: whoever uses it gets an exception. */
    void abort() {
        socket.close();
    }

    /** Ends it. Unlike that of the superclass it sends nothing that was left. */
    @Override
    public void close() {
        setBroken();
        abort();
    }

    private static final class OneSocket implements JedisSocketFactory {

        private final JedisSocketFactory sockets;
        private final @Nullable Tls tls;
        private final HostAndPort place;
        private @Nullable Socket socket; // guarded by this, as is the next
        private boolean used;

        OneSocket(JedisSocketFactory sockets, @Nullable Tls tls, HostAndPort place) {
            this.sockets = sockets;
            this.tls = tls;
            this.place = place;
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
                return tls.over(created, place.getHost(), place.getPort());
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
                    // Nothing is left to be done about it.
                }
            }
        }

        @Override
        public String toString() {
            return "one socket"; // of the other's text we know too little
        }
    }
}
