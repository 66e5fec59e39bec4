package dev.longwave.server.console;

import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.StaticFile;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /} and the files that the console's pages load, from the class path.
 *
 * <p>{@code centrifuge.js} is the file {@code dist/centrifuge.js} of the npm package, unchanged.
 */
public final class ConsoleHandler implements Handler {

    /** The prefix of the console's files; the page itself is {@code /}. */
    public static final String PREFIX = "/console/";

    /** The console of the public listener. */
    public static final String PAGE = "index.html";

    /** The console of the admin listener. */
    public static final String ADMIN_PAGE = "admin.html";

    private static final String RESOURCES = "/dev/longwave/server/console/";
    private static final Pattern FILE = Pattern.compile("(?:[a-z0-9-]+/)?[a-z0-9-]+\\.[a-z]+");
    private static final Map<String, String> MEDIA_TYPES =
            Map.of(
                    "html", "text/html; charset=utf-8",
                    "css", "text/css; charset=utf-8",
                    "js", "text/javascript; charset=utf-8",
                    "svg", "image/svg+xml",
                    "txt", "text/plain; charset=utf-8");

    private static final Header SECURITY_POLICY =
            HeaderValues.createCached(
                    HeaderNames.create("Content-Security-Policy"),
                    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'");

    private final String page;
    private final List<String> marks;
    private final Memory memory;
    private final Map<String, byte[]> files = new ConcurrentHashMap<>(); // those asked for, shared
    private volatile byte @Nullable [] pageContent; // once it was asked for

    /**
     * A handler of the page and its files.
     *
     * @param page the page at {@code /}
     * @param marks what the page can use on this server, as attributes of its body: {@code
     *     data-figures} if it can read {@code GET /figures}, {@code data-sign-in} if clients sign
     *     in, {@code data-ambient} if a browser may do so without the page
     */
    public ConsoleHandler(String page, List<String> marks, Memory memory) {
        this.page = page;
        this.marks = List.copyOf(marks);
        this.memory = memory;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        String path = request.prologue().uriPath().rawPath();
        String name = path.equals("/") ? page : path.substring(PREFIX.length());
        String type = MEDIA_TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        byte[] content = type == null ? null : content(name, path.equals("/"));
        if (content == null) {
            throw Problem.notFound(path).exception();
        }
        StaticFile.send(
                request,
                response,
                memory,
                content,
                HeaderValues.create(HeaderNames.CONTENT_TYPE, type),
                SECURITY_POLICY);
    }

    private byte @Nullable [] content(String name, boolean isPage) {
        byte[] known = isPage ? pageContent : files.get(name);
        if (known != null || !FILE.matcher(name).matches()) {
            return known;
        }
        byte[] loaded = StaticFile.read(RESOURCES + name).orElse(null);
        if (loaded == null) {
            return null;
        }
        if (isPage) {
            pageContent = marked(loaded);
            return pageContent;
        }
        files.put(name, loaded);
        return loaded;
    }

    private byte[] marked(byte[] html) {
        String body = String.join(" ", Stream.concat(Stream.of("<body"), marks.stream()).toList());
        return new String(html, StandardCharsets.UTF_8)
                .replace("<body>", body + '>')
                .getBytes(StandardCharsets.UTF_8);
    }
}
