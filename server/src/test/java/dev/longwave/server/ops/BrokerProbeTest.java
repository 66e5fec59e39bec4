package dev.longwave.server.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Settings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over a real broker, whose messages can be kept from the node. */
final class BrokerProbeTest {

    private static final Duration SHORT = Duration.ofMillis(60);

    private final Broker broker =
            ServiceLoader.load(BrokerProvider.class)
                    .findFirst()
                    .orElseThrow()
                    .settings(new Settings(Map.of()))
                    .connect(BrokerContext.builder("node").build());
    private final AtomicBoolean silent = new AtomicBoolean();
    private final AtomicReference<@Nullable CountDownLatch> hanging = new AtomicReference<>();

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void isDeafWhileNothingComesBack() {
        try (BrokerProbe probe = BrokerProbe.start(broker(Set.of()), "node", SHORT)) {
            await().until(() -> probe.roundTripNanos().isPresent());
            assertThat(probe.deaf()).isFalse();

            silent.set(true);
            await().until(probe::deaf);

            silent.set(false);
            await().until(() -> !probe.deaf());
        }
    }

    @Test
    void isDeafWhileACallToTheBrokerHangs() {
        try (BrokerProbe probe = BrokerProbe.start(broker(Set.of()), "node", SHORT)) {
            await().until(() -> probe.roundTripNanos().isPresent());

            var freed = new CountDownLatch(1);
            hanging.set(freed);
            await().until(probe::deaf);

            hanging.set(null);
            freed.countDown();
            await().until(() -> !probe.deaf());
        }
    }

    @Test
    void sendsNothingThroughABrokerWithoutEphemeralMessages() {
        silent.set(true);
        try (BrokerProbe probe =
                BrokerProbe.start(broker(Set.of(Capability.EPHEMERAL)), "node", SHORT)) {
            try (BrokerProbe other = BrokerProbe.start(broker(Set.of()), "other", SHORT)) {
                await().until(other::deaf);
            }

            assertThat(probe.deaf()).isFalse();
        }
    }

    @Test
    void canBeTurnedOff() {
        silent.set(true);
        try (BrokerProbe probe = BrokerProbe.start(broker(Set.of()), "node", Duration.ZERO);
                BrokerProbe other = BrokerProbe.start(broker(Set.of()), "other", SHORT)) {
            await().until(other::deaf);

            assertThat(probe.deaf()).isFalse();
            assertThat(probe.roundTripSeconds()).isNaN();
        }
    }

    /** The broker, which hands on no ephemeral message while it is to be silent or to hang. */
    private Broker broker(Set<Capability> without) {
        return (Broker)
                Proxy.newProxyInstance(
                        Broker.class.getClassLoader(),
                        new Class<?>[] {Broker.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("broadcast")) {
                                CountDownLatch freed = hanging.get();
                                if (freed != null) {
                                    freed.await();
                                }
                                if (silent.get()) {
                                    return null;
                                }
                            }
                            if (method.getName().equals("capabilities")) {
                                return broker.capabilities().stream()
                                        .filter(capability -> !without.contains(capability))
                                        .collect(Collectors.toSet());
                            }
                            try {
                                return method.invoke(broker, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
