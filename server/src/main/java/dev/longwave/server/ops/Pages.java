package dev.longwave.server.ops;

import dev.longwave.server.http.Fields;
import dev.longwave.server.http.LoopbackNames;
import dev.longwave.server.http.Problem;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;

/** Keeps pages from giving commands, other than the admin console. */
final class Pages {
    /*
     * A browser adds Origin to each POST. That of the console is the name under which the request came. That is enough if
     * the request had the password, which browsers send only where the operator has entered it, by https if a proxy
     * provides that. Otherwise it must be a loopback name: any other may have been made to lead here (DNS rebinding).
     */
    private Pages() {}

    /**
     * Checks that no page but the admin console has caused {@code request}.
     *
     * @throws dev.longwave.server.http.ProblemException if one has
     */
    static void refuseOthers(ServerRequest request) {
        List<String> origins = Fields.values(request, HeaderNames.ORIGIN);
        if (!origins.isEmpty() && !isOfConsole(request, origins)) {
            throw new Problem(
                            "cross-site",
                            403,
                            "Pages may not give commands",
                            "the request has an Origin, and so comes from a page, which is not the"
                                    + " admin console on a loopback name such as localhost, or on"
                                    + " any name if the listener has a password")
                    .exception();
        }
    }

    private static boolean isOfConsole(ServerRequest request, List<String> origins) {
        List<String> hosts = Fields.values(request, HeaderNames.HOST);
        if (origins.size() != 1 || hosts.size() != 1) {
            return false;
        }
        String origin = origins.getFirst();
        String host = hosts.getFirst();
        boolean plain = origin.equalsIgnoreCase("http://" + host);
        if (OperatorSignIn.isDone(request)) {
            return plain || origin.equalsIgnoreCase("https://" + host);
        }
        return plain && LoopbackNames.isLoopback(host);
    }
}
