package dev.longwave.server.http;

import io.helidon.webserver.http.ServerRequest;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The parameters in a request's query, as {@code URLSearchParams} reads them; but what it would
 * replace is refused.
 */
public final class Query {

    private static final Query NONE = new Query(Map.of());

    private final Map<String, List<String>> parameters; // not changed any more

    private Query(Map<String, List<String>> parameters) {
        this.parameters = parameters;
    }

    /**
     * {@return the parameters of {@code request}}
     *
     * @throws ProblemException if the query is not percent-encoded UTF-8
     */
    public static Query of(ServerRequest request) {
        return parsed(request.prologue().query().rawValue());
    }

    static Query parsed(String raw) {
        if (raw.isEmpty()) {
            return NONE;
        }
        var parameters = new LinkedHashMap<String, List<String>>();
        for (String parameter : raw.split("&", -1)) {
            if (!parameter.isEmpty()) {
                int equals = parameter.indexOf('=');
                String name = equals < 0 ? parameter : parameter.substring(0, equals);
                String value = equals < 0 ? "" : parameter.substring(equals + 1);
                parameters
                        .computeIfAbsent(decodedName(name), _ -> new ArrayList<>(1))
                        .add(decodedValue(name, value));
            }
        }
        return new Query(parameters);
    }

    private static String decodedName(String raw) {
        try {
            return PercentEncoding.decoded(raw, true);
        } catch (CharacterCodingException _) {
            throw Problem.malformedQuery("a parameter's name is not percent-encoded UTF-8")
                    .exception();
        }
    }

    private static String decodedValue(String rawName, String raw) {
        try {
            return PercentEncoding.decoded(raw, true);
        } catch (CharacterCodingException _) {
            throw Problem.malformedParameter(
                            decodedName(rawName), "the value is not percent-encoded UTF-8")
                    .exception();
        }
    }

    /** {@return the same parameters, of which {@code name} is called {@code other}} */
    public Query renamed(String name, String other) {
        if (!contains(name)) {
            return this;
        }
        var renamed = new LinkedHashMap<String, List<String>>();
        parameters.forEach((known, values) ->
                renamed.computeIfAbsent(known.equals(name) ? other : known, _ -> new ArrayList<>())
                        .addAll(values));
        return new Query(renamed);
    }

    /** {@return the names, in the order of the query} */
    public Set<String> names() {
        return parameters.keySet();
    }

    /** {@return whether {@code name} is there, with or without a value} */
    public boolean contains(String name) {
        return parameters.containsKey(name);
    }

    /** {@return the values of {@code name}, in the order of the query} */
    public List<String> values(String name) {
        return parameters.getOrDefault(name, List.of());
    }

    /**
     * {@return the value of {@code name}, empty text if it is there without a value}
     *
     * @throws ProblemException if it is there more than once: one of them would be ignored
     */
    public Optional<String> value(String name) {
        List<String> values = values(name);
        if (values.size() > 1) {
            throw Problem.malformedParameter(
                            name, "the parameter is given more than once count=" + values.size())
                    .exception();
        }
        return values.isEmpty() ? Optional.empty() : Optional.of(values.getFirst());
    }

    /**
     * {@return whether {@code name} is {@code true}, or there without a value}
     *
     * @throws ProblemException if it is anything but {@code true} or {@code false}
     */
    public boolean flag(String name) {
        return switch (value(name).orElse("false")) {
            case "true", "" -> true;
            case "false" -> false;
            default ->
                    throw Problem.malformedParameter(name, name + " must be true or false")
                            .exception();
        };
    }

    /**
     * {@return the value of {@code name}, a whole number; {@code fallback} if it is not there}
     *
     * @throws ProblemException if it is no number from 1 to {@code max}
     */
    public int number(String name, int fallback, int max) {
        Optional<String> given = value(name);
        if (given.isEmpty()) {
            return fallback;
        }
        try {
            int number = Integer.parseInt(given.get());
            if (number >= 1 && number <= max) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Answered below.
        }
        throw Problem.malformedParameter(
                        name, "%s must be a whole number min=1 max=%d".formatted(name, max))
                .with("max", max)
                .exception();
    }
}
