package dev.longwave.broker;

import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * What a broker is made with.
 *
 * @param node this node's name, unique in its deployment
 * @param settings what is configured under {@code broker.<type>}; the broker reads what it knows,
 *     and the server refuses to start if anything is left
 * @param clock the time
 * @param onState to be told of each change of state; safe for many threads, does not block
 */
public record BrokerContext(
        String node, Settings settings, InstantSource clock, Consumer<BrokerState> onState) {}
