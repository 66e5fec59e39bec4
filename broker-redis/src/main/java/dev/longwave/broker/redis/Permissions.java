package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerUnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/** Checks that the server's access control allows what the broker needs. */
final class Permissions {

    private static final Logger LOGGER = System.getLogger(Permissions.class.getName());

    private Permissions() {}

    /**
     * Runs each command that the broker needs once, on keys that do not exist and on channels that
     * are not used otherwise. Changes nothing.
     *
     * @throws BrokerUnavailableException if one is forbidden, or the server does not answer
     */
    static void check(Server server, Keys keys) {
        List<byte[]> names = List.of(Keys.bytes(keys.unused("key")));
        List<byte[]> values = List.of(Keys.bytes(keys.unused("publish")));
        byte[] channel = Keys.bytes(keys.unused("subscribe"));
        try {
            server.execute(
                    "use the keys and channels of the namespace",
                    List.of(
                            Script.PERMISSIONS.byText(names, values),
                            Script.PERMISSIONS.byDigest(names, values)),
                    true);
            server.execute(
                    "subscribe to the channels of the namespace",
                    List.of(
                            new CommandArguments(Command.SUBSCRIBE).add(channel),
                            new CommandArguments(Command.UNSUBSCRIBE).add(channel),
                            new CommandArguments(Command.PING)),
                    true);
        } catch (BrokerUnavailableException e) {
            boolean refused = e.getCause() instanceof JedisDataException;
            if (!refused || Failures.isForbidden(e.getCause())) {
                throw e;
            }
            // A full server or a replica refuses writes too, but may accept them again later.
            LOGGER.log(
                    Level.WARNING,
                    "the server does not accept writes at present: " + e.getMessage());
        }
    }
}
