package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/** Checks that a server's access control allows what the broker needs. */
final class Permissions {

    private static final Logger LOGGER = System.getLogger(Permissions.class.getName());

    private Permissions() {}

    /**
     * Runs each command that the broker needs once, on keys that do not exist and on channels that
     * are not used otherwise. Changes nothing.
     *
     * @param bucket one that the server serves
     * @throws BrokerException if one is forbidden, or the server does not answer
     */
    static void check(
            Server server, Shard shard, Keys keys, int bucket, boolean hasShardedChannels) {
        Command publish = hasShardedChannels ? Command.SPUBLISH : Command.PUBLISH;
        Command subscribe = hasShardedChannels ? Command.SSUBSCRIBE : Command.SUBSCRIBE;
        Command unsubscribe = hasShardedChannels ? Command.SUNSUBSCRIBE : Command.UNSUBSCRIBE;
        List<byte[]> names = List.of(Keys.bytes(keys.unused(bucket, "key")));
        List<byte[]> values = List.of(Keys.bytes(keys.unused(bucket, "publish")), publish.getRaw());
        byte[] channel = Keys.bytes(keys.unused(bucket, "subscribe"));
        try {
            var _ =
                    server.ask(
                            shard,
                            "use the keys and channels of the namespace",
                            List.of(
                                    Script.PERMISSIONS.byText(names, values),
                                    Script.PERMISSIONS.byDigest(names, values)));
            var _ =
                    server.ask(
                            shard,
                            "subscribe to the channels of the namespace",
                            List.of(
                                    new CommandArguments(subscribe).add(channel),
                                    new CommandArguments(unsubscribe).add(channel),
                                    new CommandArguments(Command.PING)));
        } catch (BrokerRefusedException e) {
            if (e.reason() == Reason.DENIED) {
                throw e;
            }
            // A full server or a replica refuses writes too, but may accept them again later.
            LOGGER.log(
                    Level.WARNING,
                    "the server does not accept writes at present: " + e.getMessage());
        }
    }
}
