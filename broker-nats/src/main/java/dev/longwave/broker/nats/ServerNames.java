package dev.longwave.broker.nats;

import io.nats.client.impl.NatsServerPool;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The servers to try, and the names that their addresses were found by.
 *
 * <p>The library connects to each address of a name in turn, and forgets the name. A certificate
 * tells the name.
 */
final class ServerNames extends NatsServerPool {

    // By name, those asked for last first. Guarded by itself.
    private final LinkedHashMap<String, List<String>> addresses = new LinkedHashMap<>();

    @Override
    public @Nullable List<String> resolveHostToIps(
            String host, boolean maxOneResult, boolean includeIpv6) {
        List<String> found = super.resolveHostToIps(host, maxOneResult, includeIpv6);
        if (found != null) {
            synchronized (addresses) {
                addresses.putFirst(host, List.copyOf(found));
            }
        }
        return found;
    }

    /** {@return the name that this address was found by last, or else the address} */
    String nameOf(String address) {
        synchronized (addresses) {
            return addresses.entrySet().stream()
                    .filter(known -> known.getValue().contains(address))
                    .findFirst()
                    .map(Map.Entry::getKey)
                    .orElse(address);
        }
    }
}
