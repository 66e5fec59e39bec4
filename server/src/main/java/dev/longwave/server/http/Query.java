package dev.longwave.server.http;

import io.helidon.webserver.http.ServerRequest;
import java.util.Optional;

/** The parameters in a request's query. */
public final class Query {
    private Query() {}

    /** {@return the first value of {@code name}, empty text if it is there without a value} */
    public static Optional<String> value(ServerRequest request, String name) {
        return request.query().contains(name)
                ? Optional.of(request.query().first(name).orElse(""))
                : Optional.empty();
    }
}
