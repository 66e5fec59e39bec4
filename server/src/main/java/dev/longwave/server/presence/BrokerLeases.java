package dev.longwave.server.presence;

import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Presence;
import dev.longwave.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Leases in the broker's presence. */
final class BrokerLeases implements Leases {

    private static final System.Logger LOGGER = System.getLogger(BrokerLeases.class.getName());

    private final Presence presence;

    BrokerLeases(Presence presence) {
        this.presence = presence;
    }

    @Override
    public void put(List<Lease> some, Duration ttl) {
        try {
            presence.putAll(some.stream().map(BrokerLeases::lease).toList(), ttl);
        } catch (MessageRefusedException | IllegalArgumentException _) {
            putEach(some, ttl); // one of them is refused
        }
    }

    private static Presence.Lease lease(Lease lease) {
        return Presence.Lease.of(
                lease.topic(),
                Presence.Member.of(lease.member().connection(), lease.json().toString()));
    }

    private void putEach(List<Lease> some, Duration ttl) {
        for (Lease lease : some) {
            try {
                presence.put(lease.topic(), lease(lease).member(), ttl);
            } catch (MessageRefusedException | IllegalArgumentException e) {
                // Trying again cannot help, and must not keep out the others.
                LOGGER.log(
                        System.Logger.Level.DEBUG,
                        "the broker refuses a lease topic=" + lease.topic(),
                        e);
            }
        }
    }

    @Override
    public void remove(Lease.Key key) {
        presence.remove(key.topic(), key.connection());
    }

    @Override
    public List<Lease> in(String topic, int max) {
        return presence.members(topic, max).stream()
                .map(member -> lease(topic, member))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<Lease> lease(String topic, Presence.Member member) {
        byte[] info = member.info().getBytes(StandardCharsets.UTF_8);
        try {
            return Lease.parse(topic, member.id(), Json.parse(info, 0, info.length));
        } catch (IllegalArgumentException _) {
            return Optional.empty(); // it is not one of ours
        }
    }
}
