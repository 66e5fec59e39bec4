package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** Asks Sentinels for the address of the primary. Safe for many threads, one at a time. */
final class Sentinels implements AutoCloseable {
    /*
     * The Sentinel that answered last is asked first, over the same connection. If it fails, so are
     * the others, each with a time-out of its own, which is short: a Sentinel has nothing else to do.
     */
    private static final int LONGEST_TIMEOUT_MILLIS = 1000;

    private final RedisSettings settings;
    private final Connector connector;
    private @Nullable RedisConnection connection; // guarded by this

    Sentinels(RedisSettings settings, Connector connector) {
        this.settings = settings;
        this.connector = connector;
    }

    /**
     * {@return the address of the primary, in the form to connect to}
     *
     * @throws JedisException if no Sentinel knows it
     */
    synchronized HostAndPort primary() {
        RedisConnection last = connection;
        if (last != null) {
            try {
                return ask(last);
            } catch (JedisException _) {
                close(); // another one may know
            }
        }
        JedisException failure = null;
        for (HostAndPort sentinel : settings.address().servers()) {
            try {
                RedisConnection opened = connector.connectToSentinel(sentinel, timeoutMillis());
                connection = opened;
                return ask(opened);
            } catch (JedisException e) {
                close();
                failure = e;
            }
        }
        throw failure == null ? new JedisConnectionException("no Sentinel") : failure;
    }

    /**
     * Checks that these are Sentinels, and know the name.
     *
     * @throws BrokerConfigurationException if they answer otherwise
     * @throws JedisException if none answers
     */
    synchronized void check() {
        try {
            primary();
        } catch (JedisDataException e) {
            if (Failures.isUnknownCommand(e)) {
                throw new BrokerConfigurationException(
                        "there is no Sentinel at broker.redis.uri, but a server: write redis://"
                                + " for a single server, or the addresses of the Sentinels uri="
                                + settings.address(),
                        e);
            }
            throw e;
        }
    }

    private HostAndPort ask(RedisConnection sentinel) {
        String name = settings.address().master();
        var reply =
                new Reply(
                        sentinel.executeCommand(
                                new CommandArguments(Command.SENTINEL)
                                        .add("GET-MASTER-ADDR-BY-NAME")
                                        .add(name)));
        if (reply.isNothing()) {
            throw new JedisDataException(
                    "the Sentinels know no primary of that name master=%s known=%s"
                            .formatted(name, names(sentinel)));
        }
        return settings.addressMap()
                .actual(new HostAndPort(reply.at(0).text(), (int) reply.at(1).number()));
    }

    /** {@return the names that a Sentinel knows} */
    static List<String> names(RedisConnection sentinel) {
        var names = new ArrayList<String>();
        var masters =
                new Reply(
                        sentinel.executeCommand(
                                new CommandArguments(Command.SENTINEL).add("MASTERS")));
        for (Reply master : masters.items()) {
            for (int i = 0; i + 1 < master.size(); i += 2) {
                if (master.at(i).text().equals("name")) {
                    names.add(master.at(i + 1).text());
                }
            }
        }
        return names;
    }

    private int timeoutMillis() {
        return (int) Math.min(settings.timeout().toMillis(), LONGEST_TIMEOUT_MILLIS);
    }

    @Override
    public synchronized void close() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
