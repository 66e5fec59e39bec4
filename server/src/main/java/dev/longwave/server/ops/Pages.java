package dev.longwave.server.ops;

import dev.longwave.server.http.Problem;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;

/** Keeps pages in an operator's browser from giving commands to a node on the same machine. */
final class Pages {

    private Pages() {}

    /**
     * Checks that no page has caused {@code request}.
     *
     * @throws dev.longwave.server.http.ProblemException if one has
     */
    static void refuse(ServerRequest request) {
        if (request.headers().contains(HeaderNames.ORIGIN)) {
            throw new Problem(
                            "cross-site",
                            403,
                            "Pages may not give commands",
                            "the request has an Origin, and so comes from a page")
                    .exception();
        }
    }
}
