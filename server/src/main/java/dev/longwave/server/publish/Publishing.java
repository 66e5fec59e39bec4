package dev.longwave.server.publish;

import dev.longwave.broker.Message;
import dev.longwave.core.Hub;
import dev.longwave.server.auth.Access;
import dev.longwave.server.http.Memory;
import dev.longwave.server.net.PlatformThreads;
import java.util.function.BiConsumer;

/**
 * What all handlers of this package need.
 *
 * @param hub where events go
 * @param access tells what clients may do
 * @param settings the limits
 * @param check throws a {@link dev.longwave.server.http.ProblemException} for an event, with its
 *     topic, that subscribers could not receive
 * @param memory for requests and responses
 * @param platformThreads where requests of many lines are served
 */
public record Publishing(
        Hub hub,
        Access access,
        PublishSettings settings,
        BiConsumer<String, Message> check,
        Memory memory,
        PlatformThreads platformThreads) {}
