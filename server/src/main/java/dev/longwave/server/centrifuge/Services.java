package dev.longwave.server.centrifuge;

import dev.longwave.broker.Message;
import dev.longwave.core.Hub;
import dev.longwave.server.auth.Access;
import dev.longwave.server.publish.PublishSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.BiConsumer;

/**
 * What all connections need.
 *
 * @param hub where events come from and go
 * @param access tells who clients are, and what they may do
 * @param settings the limits of this protocol
 * @param publish the limits of publishing and history
 * @param check throws a {@link dev.longwave.server.http.ProblemException} for an event, with its
 *     topic, that subscribers could not receive
 * @param hook is asked before a client's event is published
 * @param members who is connected
 * @param heartbeat how often a quiet connection gets a ping
 * @param node the ID of this node
 * @param clock tells when credentials expire
 */
public record Services(
        Hub hub,
        Access access,
        CentrifugeSettings settings,
        PublishSettings publish,
        BiConsumer<String, Message> check,
        PublishHook hook,
        Members members,
        Duration heartbeat,
        String node,
        InstantSource clock) {}
