package dev.longwave.server.console;

import dev.longwave.server.http.Problem;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;

/** {@code GET /} and the files that the console page loads, from the class path. */
public final class ConsoleHandler implements Handler {

    /** The prefix of the console's files; the page itself is {@code /}. */
    public static final String PREFIX = "/console/";

    private static final String PAGE = "index.html";
    private static final String RESOURCES = "/dev/longwave/server/console/";
    private static final Pattern FILE = Pattern.compile("(?:[a-z0-9-]+/)?[a-z0-9-]+\\.[a-z]+");
    private static final Map<String, String> MEDIA_TYPES =
            Map.of(
                    "html", "text/html; charset=utf-8",
                    "css", "text/css; charset=utf-8",
                    "js", "text/javascript; charset=utf-8",
                    "svg", "image/svg+xml");

    private final boolean figures;

    /**
     * A handler of the page and its files.
     *
     * @param figures whether the page can read {@code GET /figures}
     */
    public ConsoleHandler(boolean figures) {
        this.figures = figures;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        String path = request.prologue().uriPath().rawPath();
        boolean page = path.equals("/");
        String file = page ? PAGE : path.substring(PREFIX.length());
        String type = MEDIA_TYPES.get(file.substring(file.lastIndexOf('.') + 1));
        if (type == null || !FILE.matcher(file).matches()) {
            throw Problem.notFound(path).exception();
        }
        try (InputStream content = ConsoleHandler.class.getResourceAsStream(RESOURCES + file)) {
            if (content == null) {
                throw Problem.notFound(path).exception();
            }
            response.header(HeaderValues.create(HeaderNames.CONTENT_TYPE, type))
                    .header(HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-cache"))
                    .header(
                            HeaderValues.create(
                                    HeaderNames.create("Content-Security-Policy"),
                                    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"))
                    .header(
                            HeaderValues.create(
                                    HeaderNames.create("X-Content-Type-Options"), "nosniff"))
                    .send(page ? page(content.readAllBytes()) : content.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the page, marked if there are figures: its script then asks for them} */
    private byte[] page(byte[] html) {
        return figures
                ? new String(html, StandardCharsets.UTF_8)
                        .replace("<body>", "<body data-figures>")
                        .getBytes(StandardCharsets.UTF_8)
                : html;
    }
}
