package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import java.util.HashMap;
import java.util.Map;
import redis.clients.jedis.HostAndPort;

/**
 * Which addresses to connect to instead of those that Sentinels and cluster members tell, in a
 * network that translates addresses.
 *
 * @param replacements by the address that is told
 */
record AddressMap(Map<HostAndPort, HostAndPort> replacements) {

    private static final int DEFAULT_PORT = 6379;

    AddressMap {
        replacements = Map.copyOf(replacements);
    }

    /**
     * Reads {@code told=actual,told=actual}, each an address as {@code host:port}.
     *
     * @throws BrokerConfigurationException if it is malformed
     */
    static AddressMap parse(String text) {
        var replacements = new HashMap<HostAndPort, HostAndPort>();
        for (String pair : text.isBlank() ? new String[0] : text.split(",", -1)) {
            String[] sides = pair.strip().split("=", -1);
            if (sides.length != 2) {
                throw new BrokerConfigurationException(
                        "setting broker.redis.address-map must be host:port=host:port, several"
                                + " separated by commas");
            }
            replacements.put(
                    RedisAddress.server(sides[0], DEFAULT_PORT),
                    RedisAddress.server(sides[1], DEFAULT_PORT));
        }
        return new AddressMap(replacements);
    }

    /** {@return what to connect to for an address that a server has told} */
    HostAndPort actual(HostAndPort told) {
        return replacements.getOrDefault(told, told);
    }
}
