package dev.longwave.server.http;

import io.helidon.http.HeaderName;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;

/** The header fields of a request. */
public final class Fields {

    private Fields() {}

    /** {@return the values of all fields of this name, in order; none if there is no such field} */
    public static List<String> values(ServerRequest request, HeaderName name) {
        return request.headers().contains(name)
                ? request.headers().get(name).allValues()
                : List.of();
    }
}
