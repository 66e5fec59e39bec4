package dev.longwave.server.http;

import dev.longwave.server.net.ClientFaults;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lets only requests through that are for a loopback name, and that no page of another site has
 * caused.
 */
public final class LoopbackNames implements Handler {
    /*
     * A server that is open to everyone on its machine is open to every page in that machine's browser. A page of
     * another site says so in Origin. A page whose own name was made to lead to this machine (DNS rebinding) is of the
     * same origin for its browser, but the name is in Host.
     */
    private static final Pattern AUTHORITY =
            Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9.-]+)(?::[0-9]{0,5})?");
    private static final String LOCALHOST = "localhost";

    private final Handler next;
    private final ClientFaults faults;

    /**
     * @param next handles what is let through
     * @param faults is told of each request that is not
     */
    public LoopbackNames(Handler next, ClientFaults faults) {
        this.next = next;
        this.faults = faults;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws Exception {
        List<String> hosts = hosts(request);
        if (!hosts.stream().allMatch(LoopbackNames::isLoopback)) {
            throw refused(request, Problem.foreignHost(), hosts);
        }
        List<String> origins = Fields.values(request, HeaderNames.ORIGIN);
        if (!origins.stream().allMatch(LoopbackNames::isOrigin)) {
            throw refused(request, Problem.foreignOrigin(), origins);
        }
        next.handle(request, response);
    }

    /** The names under which a request came; HTTP/1.0 may do without. */
    private static List<String> hosts(ServerRequest request) {
        List<String> values = Fields.values(request, HeaderNames.HOST);
        if (!request.prologue().protocolVersion().startsWith("2")) {
            return values;
        }
        var both = new ArrayList<>(values);
        both.add(request.authority());
        return both;
    }

    private static boolean isOrigin(String origin) {
        String lower = origin.toLowerCase(Locale.ROOT);
        for (String scheme : List.of("http://", "https://")) {
            if (lower.startsWith(scheme)) {
                return isLoopback(lower.substring(scheme.length()));
            }
        }
        return false;
    }

    /** {@return whether {@code authority}, with or without a port, has a loopback name} */
    public static boolean isLoopback(String authority) {
        Matcher parts = AUTHORITY.matcher(authority);
        if (!parts.matches()) {
            return false;
        }
        String host = parts.group(1).toLowerCase(Locale.ROOT);
        if (host.endsWith(".")) {
            host = host.substring(0, host.length() - 1);
        }
        if (host.equals(LOCALHOST) || host.endsWith("." + LOCALHOST)) {
            return true;
        }
        String address = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        try {
            return InetAddress.ofLiteral(address).isLoopbackAddress();
        } catch (IllegalArgumentException _) {
            return false; // a name, which could lead anywhere
        }
    }

    private ProblemException refused(ServerRequest request, Problem problem, List<String> names) {
        faults.note(
                ClientFaults.Kind.FOREIGN_HOST,
                request.remotePeer().address(),
                problem.rule() + ' ' + names);
        return problem.exception();
    }
}
