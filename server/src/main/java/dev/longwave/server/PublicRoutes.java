package dev.longwave.server;

import dev.longwave.server.auth.AuthSettings;
import dev.longwave.server.auth.Authenticator;
import dev.longwave.server.auth.TicketHandler;
import dev.longwave.server.centrifuge.Centrifuge;
import dev.longwave.server.console.ConsoleHandler;
import dev.longwave.server.http.Parameters;
import dev.longwave.server.http.Resource;
import dev.longwave.server.http.Routes;
import dev.longwave.server.http.StaticFile;
import dev.longwave.server.http.TopicsToRead;
import dev.longwave.server.net.Deadlines;
import dev.longwave.server.ops.FiguresHandler;
import dev.longwave.server.ops.HealthHandler;
import dev.longwave.server.poll.PollHandler;
import dev.longwave.server.presence.PresenceHandler;
import dev.longwave.server.presence.Rooms;
import dev.longwave.server.publish.BatchHandler;
import dev.longwave.server.publish.DeleteHandler;
import dev.longwave.server.publish.EventPublisher;
import dev.longwave.server.publish.HistoryHandler;
import dev.longwave.server.publish.PublishHandler;
import dev.longwave.server.publish.Publishing;
import dev.longwave.server.session.Reconnects;
import dev.longwave.server.session.Sessions;
import dev.longwave.server.sse.ProbeHandler;
import dev.longwave.server.sse.SubscribeHandler;
import dev.longwave.server.ws.RawHandler;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The paths of the public listener. docs/http.md describes them.
 *
 * @param publishing for events that are published over HTTP
 * @param publisher for events that clients publish on connections of their own
 * @param authenticator issues tickets; null if clients do not sign in
 */
record PublicRoutes(
        ServerSettings settings,
        Publishing publishing,
        EventPublisher publisher,
        Sessions sessions,
        Reconnects reconnects,
        Rooms rooms,
        Deadlines deadlines,
        HealthHandler health,
        FiguresHandler figures,
        ProbeHandler probe,
        Centrifuge centrifuge,
        @Nullable Authenticator authenticator) {

    Routes routes() {
        Routes routes = Routes.create();
        addPages(routes);
        addTopics(routes);
        addOperations(routes);
        centrifuge.addTo(routes);
        if (authenticator != null) {
            routes.add(
                    "/tickets",
                    Resource.create().post(new TicketHandler(authenticator, publishing.memory())));
        }
        return routes;
    }

    private void addPages(Routes routes) {
        var console = new ConsoleHandler(ConsoleHandler.PAGE, marks(), publishing.memory());
        var openApi =
                new StaticFile(
                        "/dev/longwave/server/openapi.json",
                        "application/json",
                        publishing.memory());
        var browserHelper =
                new StaticFile(
                        "/dev/longwave/server/longwave.js",
                        "text/javascript; charset=utf-8",
                        publishing.memory());
        routes.add("/", Resource.create().get(console, Parameters.ANY))
                .add(ConsoleHandler.PREFIX + "*", Resource.create().get(console, Parameters.ANY))
                .add("/longwave.js", Resource.create().get(browserHelper))
                .add("/openapi.json", Resource.create().get(openApi));
    }

    /** What the console's page can use. */
    private List<String> marks() {
        AuthSettings auth = settings.auth();
        var marks = new ArrayList<String>();
        if (settings.admin().publicFigures()) {
            marks.add("data-figures");
        }
        if (authenticator != null) {
            marks.add("data-sign-in");
            if (!auth.cookie().isEmpty() || auth.clientCertificates()) {
                marks.add("data-ambient");
            }
        }
        return marks;
    }

    private void addTopics(Routes routes) {
        InstantSource clock = InstantSource.system();
        var toRead = new TopicsToRead(publishing.hub(), settings.brokerType());
        var subscribe =
                new SubscribeHandler(
                        publishing.hub(),
                        publishing.access(),
                        toRead,
                        sessions,
                        settings.sse(),
                        clock);
        var poll =
                new PollHandler(
                        publishing.hub(),
                        publishing.access(),
                        toRead,
                        sessions,
                        reconnects,
                        settings.sse().maxTopics(),
                        publishing.memory(),
                        clock);
        var socket =
                new RawHandler(
                        publishing.hub(),
                        publishing.access(),
                        toRead,
                        publisher,
                        sessions,
                        new RawHandler.Streams(
                                settings.sse().maxTopics(), settings.sse().maxAge(), reconnects),
                        settings.ws(),
                        deadlines,
                        publishing.memory(),
                        clock);
        var history = new HistoryHandler(publishing, toRead, clock);
        var presence = new PresenceHandler(rooms, publishing.access(), publishing.memory());
        routes.add(
                        "/events",
                        Resource.create()
                                .get(subscribe, subscribe::head, SubscribeHandler.PARAMETERS))
                .add(
                        "/events/*",
                        Resource.create()
                                .get(subscribe, subscribe::head, SubscribeHandler.PARAMETERS)
                                .post(new PublishHandler(publishing), PublishHandler.PARAMETERS)
                                .delete(new DeleteHandler(publishing)))
                .add("/poll", Resource.create().get(poll, PollHandler.PARAMETERS))
                .add("/poll/*", Resource.create().get(poll, PollHandler.PARAMETERS))
                .add("/ws", Resource.create().get(socket, RawHandler.PARAMETERS))
                .add("/ws/*", Resource.create().get(socket, RawHandler.PARAMETERS))
                .add("/publish", Resource.create().post(new BatchHandler(publishing)))
                .add("/history/*", Resource.create().get(history, HistoryHandler.PARAMETERS))
                .add("/presence/*", Resource.create().get(presence, PresenceHandler.PARAMETERS));
    }

    private void addOperations(Routes routes) {
        routes.add("/probe", Resource.create().get(probe, probe::head, ProbeHandler.PARAMETERS))
                .add("/health", Resource.create().get(health::ready))
                .add("/health/live", Resource.create().get(health::live))
                .add("/health/ready", Resource.create().get(health::ready));
        if (settings.admin().publicFigures()) {
            routes.add("/figures", Resource.create().get(figures::json, FiguresHandler.PARAMETERS));
        }
    }
}
