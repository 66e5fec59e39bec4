package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.Attributes;
import dev.longwave.server.http.ContentType;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.ProblemException;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An event in the terms of CloudEvents 1.0, as its HTTP binding and its JSON format write it.
 *
 * <p>Its attributes become attributes of the message, under the names that they have as headers of
 * the binary mode: {@code ce-source}, and so on.
 */
final class CloudEvent {

    static final String STRUCTURED = "application/cloudevents+json";
    static final String BATCH = "application/cloudevents-batch+json";

    private static final String PREFIX = "ce-";
    private static final HeaderName SPEC_VERSION = HeaderNames.create("ce-specversion");
    private static final String JSON = "application/json";
    private static final Pattern NAME = Pattern.compile("[a-z0-9]{1,20}");
    private static final int ID_BYTES = 16;
    private static final Set<String> DATA = Set.of("data", "data_base64");

    private final byte[] data;
    private final Map<String, String> attributes;

    private CloudEvent(byte[] data, Map<String, String> attributes) {
        this.data = data;
        this.attributes = attributes;
        if (!attribute("specversion").equals("1.0")) {
            throw invalid("specversion must be 1.0");
        }
        for (String required : new String[] {"id", "source", "type"}) {
            if (attribute(required).isEmpty()) {
                throw invalid("attribute %s is missing".formatted(required));
            }
        }
    }

    /** Whether the headers of {@code request} are those of an event whose data is the body. */
    static boolean isBinary(ServerRequest request) {
        return request.headers().contains(SPEC_VERSION);
    }

    /**
     * The event of a request in binary mode.
     *
     * @param type the type of its body
     * @param others the attributes that the request has besides
     */
    static CloudEvent binary(
            ServerRequest request, ContentType type, byte[] data, Map<String, String> others) {
        var attributes = new LinkedHashMap<>(others);
        if (type.isPresent()) {
            attributes.put(Attributes.CONTENT_TYPE, type.text());
        }
        for (Header header : request.headers()) {
            String name = header.headerName().lowerCase();
            if (name.startsWith(PREFIX)) {
                add(attributes, name.substring(PREFIX.length()), decoded(header.get()));
            }
        }
        return new CloudEvent(data, attributes);
    }

    /** An event in the JSON format. */
    static CloudEvent of(JsonNode event) {
        if (!event.isObject()) {
            throw invalid("an event must be a JSON object");
        }
        var attributes = new LinkedHashMap<String, String>();
        for (Map.Entry<String, JsonNode> member : event.properties()) {
            JsonNode value = member.getValue();
            String name = member.getKey();
            if (value.isNull() || DATA.contains(name)) {
                continue;
            }
            if (name.equals("datacontenttype")) {
                attributes.put(Attributes.CONTENT_TYPE, text(value));
            } else {
                add(attributes, name, text(value));
            }
        }
        return new CloudEvent(data(event, attributes), attributes);
    }

    private static byte[] data(JsonNode event, Map<String, String> attributes) {
        JsonNode base64 = event.path("data_base64");
        JsonNode data = event.path("data");
        if (!base64.isMissingNode()) {
            if (!data.isMissingNode() || !base64.isTextual()) {
                throw invalid("data_base64 must be a string, and exclude data");
            }
            attributes.putIfAbsent(Attributes.CONTENT_TYPE, EventInput.BINARY);
            try {
                return Base64.getDecoder().decode(base64.textValue());
            } catch (IllegalArgumentException _) {
                throw invalid("data_base64 is not base64");
            }
        }
        if (data.isMissingNode() || data.isNull()) {
            return new byte[0];
        }
        boolean json = isJson(attributes.computeIfAbsent(Attributes.CONTENT_TYPE, _ -> JSON));
        return (json || !data.isTextual() ? data.toString() : data.textValue())
                .getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isJson(String type) {
        String essence = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return essence.endsWith("/json") || essence.endsWith("+json");
    }

    private static void add(Map<String, String> attributes, String name, String value) {
        if (!NAME.matcher(name).matches()) {
            throw invalid(
                    "the name of an attribute must be 1 to 20 lower-case letters and digits length="
                            + name.length());
        }
        attributes.put(PREFIX + name, value);
    }

    private static String text(JsonNode value) {
        if (!value.isTextual() && !value.isIntegralNumber() && !value.isBoolean()) {
            throw invalid("the value of an attribute must be a string, an integer, or a boolean");
        }
        return value.asText();
    }

    /** The HTTP binding, section 3.1.3.2. */
    private static String decoded(String value) {
        if (value.indexOf('%') < 0) {
            return value;
        }
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw invalid("the value of a header is not percent-encoded");
        }
    }

    byte[] data() {
        return data;
    }

    Map<String, String> attributes() {
        return attributes;
    }

    /** The message ID: events of the same source and ID are duplicates, by the specification. */
    String id() {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(
                                    (attribute("source") + '\n' + attribute("id"))
                                            .getBytes(StandardCharsets.UTF_8));
            return PREFIX + HexFormat.of().formatHex(hash, 0, ID_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    String type() {
        return attribute("type");
    }

    /** The extension that says which events belong together. */
    @Nullable String key() {
        return attributes.get(PREFIX + "partitionkey");
    }

    private String attribute(String name) {
        return attributes.getOrDefault(PREFIX + name, "");
    }

    private static ProblemException invalid(String words) {
        return Problem.invalidMessage("not a CloudEvent: " + words).exception();
    }
}
