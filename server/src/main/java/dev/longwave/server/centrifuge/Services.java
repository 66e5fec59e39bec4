package dev.longwave.server.centrifuge;

import dev.longwave.core.Hub;
import dev.longwave.server.auth.Access;
import dev.longwave.server.http.Problem;
import dev.longwave.server.publish.EventPublisher;
import dev.longwave.server.publish.PublishSettings;
import dev.longwave.server.session.Reconnects;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * What all connections need.
 *
 * @param hub where events come from and go
 * @param access tells who clients are, and what they may do
 * @param settings the limits of this protocol
 * @param publish the limits of publishing and history
 * @param publisher publishes what clients send
 * @param members who is connected
 * @param heartbeat how often a quiet connection gets a ping
 * @param reconnects how long clients are to wait before they reconnect
 * @param refused is told of what clients are refused on their connections
 * @param node the ID of this node
 * @param clock tells when credentials expire
 */
public record Services(
        Hub hub,
        Access access,
        CentrifugeSettings settings,
        PublishSettings publish,
        EventPublisher publisher,
        Members members,
        Duration heartbeat,
        Reconnects reconnects,
        Consumer<Problem> refused,
        String node,
        InstantSource clock) {}
