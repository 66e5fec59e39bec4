package dev.longwave.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The media type of a request's body, as far as there is one: what is not a media type counts as
 * none, since clients send all kinds of things without being asked.
 *
 * @param essence type and subtype, in lower case
 * @param text all of it, with its parameters if they are printable
 */
public record ContentType(String essence, String text) {

    private static final Pattern ESSENCE =
            Pattern.compile("[a-z0-9!#$%&'*+.^_`|~-]{1,127}/[a-z0-9!#$%&'*+.^_`|~-]{1,127}");
    private static final Pattern PRINTABLE = Pattern.compile("[ -~]{1,512}");

    /** {@return the media type of the body of {@code request}, if it has one} */
    public static Optional<ContentType> of(ServerRequest request) {
        if (!request.headers().contains(HeaderNames.CONTENT_TYPE)) {
            return Optional.empty();
        }
        List<String> values = request.headers().get(HeaderNames.CONTENT_TYPE).allValues();
        return values.size() == 1 ? parsed(values.getFirst()) : Optional.empty();
    }

    static Optional<ContentType> parsed(String value) {
        int parameters = value.indexOf(';');
        String essence =
                (parameters < 0 ? value : value.substring(0, parameters))
                        .strip()
                        .toLowerCase(Locale.ROOT);
        if (!ESSENCE.matcher(essence).matches()) {
            return Optional.empty();
        }
        String text = value.strip();
        return Optional.of(
                new ContentType(essence, PRINTABLE.matcher(text).matches() ? text : essence));
    }
}
