package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Durability;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/**
 * What the broker learns about the server when it connects.
 *
 * @param durability what an accepted message survives
 */
record ServerInfo(Durability durability) {

    private static final Logger LOGGER = System.getLogger(ServerInfo.class.getName());

    private static final int LEAST_MAJOR = 6;
    private static final int LEAST_MINOR = 2;

    /**
     * Queries the server without changing anything.
     *
     * @throws BrokerConfigurationException if the server is too old, or may evict events
     */
    static ServerInfo ask(Server server, RedisAddress address) {
        Map<String, String> info = info(server);
        String version = info.getOrDefault("redis_version", "0");
        if (!isNewEnough(version)) {
            throw new BrokerConfigurationException(
                    "the server is too old: version 6.2 is the first that trims streams by age server=%s"
                                    .formatted(address)
                            + " version="
                            + version);
        }
        String policy = info.getOrDefault("maxmemory_policy", "noeviction");
        if (!policy.equals("noeviction") && !info.getOrDefault("maxmemory", "0").equals("0")) {
            throw new BrokerConfigurationException(
                    "the server may silently evict events when its memory is full: set"
                        + " maxmemory-policy to noeviction, or give Longwave a server of its own"
                            + " server=%s maxmemory-policy=%s".formatted(address, policy));
        }
        Durability durability = durability(server, info);
        String product = info.containsKey("valkey_version") ? "Valkey" : "Redis";
        LOGGER.log(
                Level.INFO,
                "connected server={0} product={1} version={2} durability={3}",
                address,
                product,
                info.getOrDefault("valkey_version", version),
                durability.word());
        return new ServerInfo(durability);
    }

    private static Map<String, String> info(Server server) {
        var info = new HashMap<String, String>();
        Reply reply = server.execute("query the server", new CommandArguments(Command.INFO), true);
        for (String line : reply.utf8().lines().toList()) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                info.put(line.substring(0, colon), line.substring(colon + 1));
            }
        }
        return info;
    }

    private static Durability durability(Server server, Map<String, String> info) {
        if (!info.getOrDefault("aof_enabled", "0").equals("1")) {
            return Durability.MEMORY;
        }
        try {
            Reply reply =
                    server.execute(
                            "query appendfsync",
                            new CommandArguments(Command.CONFIG).add("GET").add("appendfsync"),
                            true);
            boolean always = reply.size() == 2 && reply.at(1).text().equals("always");
            return always ? Durability.FLUSHED : Durability.STORED;
        } catch (BrokerUnavailableException e) {
            // Many providers forbid CONFIG. Only the weaker guarantee is certain then.
            LOGGER.log(Level.DEBUG, "appendfsync is unknown", e);
            return Durability.STORED;
        }
    }

    static boolean isNewEnough(String version) {
        String[] parts = version.split("\\D+", -1);
        try {
            int major = Integer.parseInt(parts[0]);
            int minor = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
            return major > LEAST_MAJOR || (major == LEAST_MAJOR && minor >= LEAST_MINOR);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException _) {
            return false;
        }
    }
}
