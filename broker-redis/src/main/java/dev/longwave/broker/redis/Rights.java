package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerUnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/** What the server's access control has to allow. */
final class Rights {

    private static final Logger LOGGER = System.getLogger(Rights.class.getName());

    private Rights() {}

    /**
     * Does once what will be done all the time, to keys that are not there and to a channel that
     * nobody uses: it changes nothing.
     *
     * @throws BrokerUnavailableException if it is forbidden, or the server does not answer
     */
    static void check(Server server, Keys keys) {
        List<byte[]> names = List.of(Keys.bytes(keys.unused("key")));
        List<byte[]> values = List.of(Keys.bytes(keys.unused("tell")));
        byte[] toHear = Keys.bytes(keys.unused("hear"));
        try {
            server.execute(
                    "use the keys and channels of the namespace",
                    List.of(
                            Script.RIGHTS.byText(names, values),
                            Script.RIGHTS.byDigest(names, values)),
                    true);
            server.execute(
                    "listen to the channels of the namespace",
                    List.of(
                            new CommandArguments(Command.SUBSCRIBE).add(toHear),
                            new CommandArguments(Command.UNSUBSCRIBE).add(toHear),
                            new CommandArguments(Command.PING)),
                    true);
        } catch (BrokerUnavailableException e) {
            boolean refused = e.getCause() instanceof JedisDataException;
            if (!refused || Failures.isForbidden(e.getCause())) {
                throw e;
            }
            // As a full server or a replica does, which may yet become better.
            LOGGER.log(Level.WARNING, "the server does not take writes now: " + e.getMessage());
        }
    }
}
