package dev.longwave.server.publish;

import dev.longwave.broker.Message;
import dev.longwave.core.Hub;
import dev.longwave.server.auth.Access;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.hooks.PublishHook;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.TraceContext;
import dev.longwave.server.net.PlatformThreads;
import io.helidon.webserver.http.ServerRequest;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * What all handlers of this package need.
 *
 * @param hub where events go
 * @param access tells what clients may do
 * @param settings the limits
 * @param check throws a {@link dev.longwave.server.http.ProblemException} for an event, with its
 *     topic, that subscribers could not receive
 * @param hook asks the application about each event
 * @param memory for requests and responses
 * @param platformThreads where requests of many lines are served
 * @param lines knows those requests
 * @param traces finds the trace that the events of a request belong to
 */
public record Publishing(
        Hub hub,
        Access access,
        PublishSettings settings,
        BiConsumer<String, Message> check,
        PublishHook hook,
        Memory memory,
        PlatformThreads platformThreads,
        LineRequests lines,
        Function<ServerRequest, Optional<TraceContext>> traces) {

    /**
     * {@return what to publish in place of {@code event}, which {@code client} may publish and
     * subscribers can receive}
     *
     * @throws dev.longwave.server.http.ProblemException if the application refuses it, or makes an
     *     event of it that subscribers could not receive
     */
    Outgoing accepted(Identity client, Outgoing event) {
        Message message = event.message();
        Message accepted = hook.check(client.subject(), event.topic(), message);
        if (accepted.equals(message)) {
            return event;
        }
        check.accept(event.topic(), accepted);
        return event.with(accepted);
    }

    /** {@return the same, for events about which another hook is to be asked} */
    public Publishing with(PublishHook other) {
        return new Publishing(
                hub, access, settings, check, other, memory, platformThreads, lines, traces);
    }

    /** {@return the attributes that say which trace the events of {@code request} belong to} */
    Map<String, String> trace(ServerRequest request) {
        return traces.apply(request).map(TraceContext::attributes).orElse(Map.of());
    }
}
