package dev.longwave.server.http;

import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The resources of a listener, by path. There is nothing at any other path, for any method.
 *
 * <p>They are found by the path that handlers read too, character for character, and not by what
 * Helidon makes of it: no request means one thing here and another there.
 */
public final class Routes implements Handler {

    private final Map<String, Handler> paths = new HashMap<>(); // not changed once it is used
    private final Map<String, Handler> prefixes = new HashMap<>(); // likewise

    private Routes() {}

    /** {@return no routes, to add some before they are used} */
    public static Routes create() {
        return new Routes();
    }

    /**
     * Adds {@code resource}: a {@link Resource}, or what lets requests through to one.
     *
     * @param path a path; or a path of one segment and {@code /*} for all that begin with it
     */
    public Routes add(String path, Handler resource) {
        if (path.endsWith("/*")) {
            prefixes.put(path.substring(0, path.length() - 1), resource);
        } else {
            paths.put(path, resource);
        }
        return this;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws Exception {
        String path = request.prologue().uriPath().rawPath();
        Handler resource = at(path);
        if (resource == null) {
            throw Problem.notFound(path).exception();
        }
        resource.handle(request, response);
    }

    private @Nullable Handler at(String path) {
        Handler exact = paths.get(path);
        return exact != null ? exact : prefixes.get(path.substring(0, path.indexOf('/', 1) + 1));
    }
}
