package dev.longwave.server;

import dev.longwave.server.auth.Access;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.auth.Purpose;
import dev.longwave.server.ops.AccessLog;
import io.helidon.webserver.http.ServerRequest;

/** Tells the access log who sends requests. */
record LoggedAccess(Access access) implements Access {

    @Override
    public Identity identify(ServerRequest request, Purpose purpose) {
        Identity client = access.identify(request, purpose);
        AccessLog.of(request).ifPresent(logged -> logged.subject(client.subject()));
        return client;
    }

    @Override
    public Identity identify(String token, Identity opener) {
        return access.identify(token, opener);
    }

    @Override
    public Identity identifySubscriber(String token, String topic, Identity client) {
        return access.identifySubscriber(token, topic, client);
    }

    @Override
    public boolean isRefusedTooOften(ServerRequest request) {
        return access.isRefusedTooOften(request);
    }

    @Override
    public void close() {
        access.close();
    }
}
