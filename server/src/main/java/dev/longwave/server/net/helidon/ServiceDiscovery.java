package dev.longwave.server.net.helidon;

import io.helidon.service.registry.GlobalServiceRegistry;
import java.time.Duration;

/**
 * Helidon's search for its own services, which takes a third of a start: on a thread of its own, so
 * that the rest of the start goes on meanwhile. Once in a process.
 */
public final class ServiceDiscovery {
    /*
     * Helidon would search as soon as it needs a service: in the initializer of a class, for the routes. The start
     * waits for the end of the search before it touches those classes, so that the two threads do not wait for the
     * initializers of each other.
     */
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private static final Thread SEARCHING =
            Thread.ofPlatform()
                    .daemon()
                    .name("longwave-helidon-services")
                    .start(GlobalServiceRegistry::registry);

    private ServiceDiscovery() {}

    /** Begins, and does not wait. */
    public static void begin() {
        // The class is initialized.
    }

    /** Waits for the end, for a minute at most: then whoever needs a service searches. */
    public static void await() {
        try {
            var _ = SEARCHING.join(LIMIT);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
