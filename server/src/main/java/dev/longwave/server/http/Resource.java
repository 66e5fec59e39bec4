package dev.longwave.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the methods do that one path allows. All others are refused with the names of those that it
 * allows: RFC 9110, section 15.5.6.
 */
public final class Resource implements Handler {

    private final Map<Method, Handler> methods = new LinkedHashMap<>();

    private Resource() {}

    /** {@return a resource without methods, to add some before it is used} */
    public static Resource create() {
        return new Resource();
    }

    /**
     * Adds {@code GET}, and {@code HEAD} by the same handler, which must send its response with
     * {@link Responses}.
     */
    public Resource get(Handler handler) {
        return get(handler, handler);
    }

    /** Adds {@code GET}, and {@code HEAD} by a handler of its own. */
    public Resource get(Handler handler, Handler head) {
        methods.put(Method.GET, handler);
        methods.put(Method.HEAD, head);
        return this;
    }

    /** Adds {@code POST}. */
    public Resource post(Handler handler) {
        methods.put(Method.POST, handler);
        return this;
    }

    /** Adds {@code DELETE}. */
    public Resource delete(Handler handler) {
        methods.put(Method.DELETE, handler);
        return this;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws Exception {
        Method method = request.prologue().method();
        Handler handler = methods.get(method);
        if (handler != null) {
            handler.handle(request, response);
            return;
        }
        response.header(HeaderValues.create(HeaderNames.ALLOW, allowed()));
        if (method.equals(Method.OPTIONS)) {
            response.status(Status.NO_CONTENT_204).send();
        } else {
            Responses.problem(request, response, Problem.methodNotAllowed(method.text()));
        }
    }

    private String allowed() {
        var names = new StringBuilder();
        methods.keySet().forEach(method -> names.append(method.text()).append(", "));
        return names.append(Method.OPTIONS.text()).toString();
    }
}
