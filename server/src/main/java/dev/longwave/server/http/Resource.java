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

    private final Map<Method, Action> methods = new LinkedHashMap<>();

    private record Action(Handler handler, Parameters parameters) {}

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
        return get(handler, handler, Parameters.NONE);
    }

    /** The same, for requests that may have these parameters. */
    public Resource get(Handler handler, Parameters parameters) {
        return get(handler, handler, parameters);
    }

    /** Adds {@code GET}, and {@code HEAD} by a handler of its own. */
    public Resource get(Handler handler, Handler head, Parameters parameters) {
        methods.put(Method.GET, new Action(handler, parameters));
        methods.put(Method.HEAD, new Action(head, parameters));
        return this;
    }

    /** Adds {@code POST}. */
    public Resource post(Handler handler) {
        return post(handler, Parameters.NONE);
    }

    /** The same, for requests that may have these parameters. */
    public Resource post(Handler handler, Parameters parameters) {
        methods.put(Method.POST, new Action(handler, parameters));
        return this;
    }

    /** Adds {@code DELETE}. */
    public Resource delete(Handler handler) {
        methods.put(Method.DELETE, new Action(handler, Parameters.NONE));
        return this;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws Exception {
        Method method = request.prologue().method();
        Action action = methods.get(method);
        if (action != null) {
            action.parameters().check(Query.of(request));
            action.handler().handle(request, response);
            return;
        }
        response.header(HeaderValues.create(HeaderNames.ALLOW, allowed()));
        if (method.equals(Method.OPTIONS)) {
            response.status(Status.NO_CONTENT_204).send();
        } else {
            throw Problem.methodNotAllowed(method.text()).exception(); // the header stays
        }
    }

    private String allowed() {
        var names = new StringBuilder();
        methods.keySet().forEach(method -> names.append(method.text()).append(", "));
        return names.append(Method.OPTIONS.text()).toString();
    }
}
