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
 * What the server says of itself at the start.
 *
 * @param durability what a message survives that it has accepted
 */
record ServerFacts(Durability durability) {

    private static final Logger LOGGER = System.getLogger(ServerFacts.class.getName());

    private static final int LEAST_MAJOR = 6;
    private static final int LEAST_MINOR = 2;

    /**
     * Asks the server, and changes nothing there.
     *
     * @throws BrokerConfigurationException if it is too old, or may drop what it was given
     */
    static ServerFacts ask(Server server, RedisAddress address) {
        Map<String, String> info = info(server);
        String version = info.getOrDefault("redis_version", "0");
        if (!isNewEnough(version)) {
            throw new BrokerConfigurationException(
                    "the server is too old: streams cannot be trimmed by age before 6.2 server=%s"
                                    .formatted(address)
                            + " version="
                            + version);
        }
        String policy = info.getOrDefault("maxmemory_policy", "noeviction");
        if (!policy.equals("noeviction") && !info.getOrDefault("maxmemory", "0").equals("0")) {
            throw new BrokerConfigurationException(
                    "the server may drop events in silence when its memory is full: set"
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
        return new ServerFacts(durability);
    }

    private static Map<String, String> info(Server server) {
        var info = new HashMap<String, String>();
        Reply reply = server.execute("ask the server", new CommandArguments(Command.INFO), true);
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
                            "ask for appendfsync",
                            new CommandArguments(Command.CONFIG).add("GET").add("appendfsync"),
                            true);
            boolean always = reply.size() == 2 && reply.at(1).text().equals("always");
            return always ? Durability.FLUSHED : Durability.STORED;
        } catch (BrokerUnavailableException e) {
            // Many providers forbid CONFIG. Then the lesser promise is the true one.
            LOGGER.log(Level.DEBUG, "appendfsync is not known", e);
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
