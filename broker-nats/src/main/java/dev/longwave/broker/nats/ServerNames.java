package dev.longwave.broker.nats;

import io.nats.client.impl.NatsServerPool;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The servers to try, and the host names that resolved to their addresses.
 *
 * <p>The library connects to each address of a name in turn, and forgets the name. A certificate
 * contains the name.
 */
final class ServerNames extends NatsServerPool {

    // By name, the most recently resolved first. Guarded by itself.
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

    /** {@return the name that most recently resolved to this address, or else the address} */
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
