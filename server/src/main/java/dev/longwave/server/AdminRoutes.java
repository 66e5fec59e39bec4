package dev.longwave.server;

import dev.longwave.core.Hub;
import dev.longwave.server.auth.RevocationHandler;
import dev.longwave.server.auth.Revocations;
import dev.longwave.server.console.ConsoleHandler;
import dev.longwave.server.explain.ExplainHandler;
import dev.longwave.server.explain.FlightRecorder;
import dev.longwave.server.explain.StreamsHandler;
import dev.longwave.server.http.LoopbackNames;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Parameters;
import dev.longwave.server.http.Resource;
import dev.longwave.server.net.ClientFaults;
import dev.longwave.server.ops.DrainHandler;
import dev.longwave.server.ops.ReloadHandler;
import dev.longwave.server.session.Sessions;
import io.helidon.webserver.http.Handler;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The console of the admin listener, and the paths below {@code /admin}. docs/operations.md
 * describes them.
 *
 * @param node what the IDs of this node's streams begin with
 * @param drain begins to send all clients to other nodes, and returns how many streams are open
 * @param revocations null if clients do not sign in
 * @param faults is told of requests that a page of another site may have sent
 */
record AdminRoutes(
        ServerSettings settings,
        Hub hub,
        Sessions sessions,
        FlightRecorder recorder,
        String node,
        Reload reload,
        IntSupplier drain,
        @Nullable Revocations revocations,
        Memory memory,
        ClientFaults faults) {

    Map<String, Resource> resources() {
        Map<String, Resource> resources = new HashMap<>();
        List<String> marks = revocations == null ? List.of() : List.of("data-sign-in");
        var console = local(new ConsoleHandler(ConsoleHandler.ADMIN_PAGE, marks, memory));
        resources.put("/", Resource.create().get(console, Parameters.ANY));
        resources.put(ConsoleHandler.PREFIX + "*", Resource.create().get(console, Parameters.ANY));
        var streams = new StreamsHandler(node, sessions, InstantSource.system());
        resources.put(
                "/admin/streams", Resource.create().get(local(streams), StreamsHandler.PARAMETERS));
        var explain = new ExplainHandler(node, hub, sessions, recorder, InstantSource.system());
        resources.put(
                "/admin/explain", Resource.create().get(local(explain), ExplainHandler.PARAMETERS));
        resources.put("/admin/reload", command(new ReloadHandler(reload::run)));
        var draining =
                new DrainHandler(
                        drain,
                        percent -> sessions.move(percent, settings.listener().drainTimeout()));
        resources.put("/admin/drain", command(draining::drain));
        resources.put(
                "/admin/rebalance",
                Resource.create()
                        .post(local(draining::rebalance), DrainHandler.REBALANCE_PARAMETERS));
        if (revocations != null) {
            var handler = new RevocationHandler(revocations, memory);
            resources.put("/admin/disconnect", command(handler::disconnect));
            resources.put("/admin/revoke", command(handler::revoke));
        }
        return resources;
    }

    private Resource command(Handler handler) {
        return Resource.create().post(local(handler));
    }

    /**
     * On loopback, a request must not come from a page whose name leads here (DNS rebinding). Such
     * a page cannot have the password, if there is one.
     */
    private Handler local(Handler handler) {
        return settings.admin().password() == null
                        && LoopbackNames.isLoopback(settings.admin().host())
                ? new LoopbackNames(handler, faults)
                : handler;
    }
}
