package dev.longwave.server.net.helidon;

import dev.longwave.server.net.RequestFault;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerResponse;

/** Answers requests that never reach a handler, through the engine. */
final class Refusals {

    private static final Header PROBLEM =
            HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/problem+json");
    private static final Header NO_STORE =
            HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store");

    private Refusals() {}

    /**
     * Answers with a problem document.
     *
     * @param withoutBody in answer to a HEAD request
     */
    static void send(ServerResponse response, RequestFault fault, boolean withoutBody) {
        byte[] document = fault.document();
        response.status(Status.create(fault.status())).header(PROBLEM).header(NO_STORE);
        if (withoutBody) {
            response.header(
                            HeaderValues.create(
                                    HeaderNames.CONTENT_LENGTH, String.valueOf(document.length)))
                    .send();
        } else {
            response.send(document);
        }
    }
}
