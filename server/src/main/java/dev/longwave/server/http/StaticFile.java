package dev.longwave.server.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** One file of the class path, which is kept in memory once it was asked for. */
public final class StaticFile implements Handler {

    private static final Header NO_CACHE =
            HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-cache");
    private static final Header NO_SNIFFING =
            HeaderValues.createCached(HeaderNames.create("X-Content-Type-Options"), "nosniff");

    private final String resource;
    private final Header type;
    private final Memory memory;
    private volatile byte @Nullable [] content;

    /**
     * A handler of one file.
     *
     * @param resource the absolute name of the resource
     * @param type its media type
     */
    public StaticFile(String resource, String type, Memory memory) {
        this.resource = resource;
        this.type = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, type);
        this.memory = memory;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        byte[] bytes = content();
        try (Allowance allowance = memory.forResponse(request)) {
            allowance.take(bytes.length); // Helidon makes a copy
            response.header(type).header(NO_CACHE).header(NO_SNIFFING);
            Responses.send(request, response, bytes, bytes.length);
        }
    }

    private byte[] content() {
        byte[] known = content;
        if (known != null) {
            return known;
        }
        try (InputStream in = StaticFile.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks a file name=" + resource);
            }
            byte[] read = in.readAllBytes();
            content = read;
            return read;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
