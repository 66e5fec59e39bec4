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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One file of the class path, which is kept in memory once it was requested. */
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
        send(request, response, memory, content(), type);
    }

    private byte[] content() {
        byte[] known = content;
        if (known != null) {
            return known;
        }
        byte[] read =
                read(resource)
                        .orElseThrow(() ->
                                new IllegalStateException("the jar lacks a file name=" + resource));
        content = read;
        return read;
    }

    /**
     * {@return the content of a file of the class path; empty if there is none}
     *
     * @param resource the absolute name of the resource
     */
    public static Optional<byte[]> read(String resource) {
        try (InputStream in = StaticFile.class.getResourceAsStream(resource)) {
            return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Sends the content of a file, which clients must revalidate before they use it again.
     *
     * @param headers its media type, and others if it needs any
     * @throws ProblemException if there is no memory left; nothing is sent then
     */
    public static void send(
            ServerRequest request,
            ServerResponse response,
            Memory memory,
            byte[] content,
            Header... headers) {
        try (Allowance allowance = memory.forResponse(request)) {
            allowance.take(content.length); // Helidon makes a copy
            for (Header header : headers) {
                response.header(header);
            }
            response.header(NO_CACHE).header(NO_SNIFFING);
            Responses.send(request, response, content, content.length);
        }
    }
}
