package dev.longwave.server.http;

import dev.longwave.broker.Settings;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The query parameters that a request may have. All others are refused, as one that is ignored does
 * harm: a client that resumes by a misspelled parameter would lose events without a word.
 *
 * <p>Each may be given once, except those that are said to be repeatable. Immutable.
 */
public final class Parameters {

    /** No parameters, except those of every request. */
    public static final Parameters NONE = of();

    /** All: for pages, whose scripts read their query. */
    public static final Parameters ANY = new Parameters(List.of(), Set.of(), Set.of(), "", true);

    /** The parameter by which a ticket is presented, with every request. */
    public static final String TICKET = "ticket";

    /**
     * Parameters under which other servers take tokens. Sign-in refuses them in words of its own,
     * and a server without sign-in takes no notice of credentials.
     */
    public static final List<String> TOKENS =
            List.of("access_token", "token", "jwt", "authorization");

    /** What other servers, or other parts of this one, call a parameter. */
    private static final Map<String, String> OTHER_NAMES =
            Map.of(
                    "event", "type",
                    "eventtype", "type",
                    "name", "type",
                    "channel", "topic",
                    "stream", "topic",
                    "from", "since",
                    "start", "since",
                    "cursor", "lastEventId",
                    "count", "limit",
                    "size", "limit");

    private final List<String> names;
    private final Set<String> repeatable;
    private final Set<String> aliases;
    private final String prefix;
    private final boolean any;

    private Parameters(
            List<String> names,
            Set<String> repeatable,
            Set<String> aliases,
            String prefix,
            boolean any) {
        this.names = names;
        this.repeatable = repeatable;
        this.aliases = aliases;
        this.prefix = prefix;
        this.any = any;
    }

    /** {@return parameters of these names} */
    public static Parameters of(String... names) {
        return new Parameters(List.of(names), Set.of(), Set.of(), "", false);
    }

    /** {@return these, and one that may be given more than once} */
    public Parameters andRepeatable(String name) {
        return new Parameters(
                Stream.concat(Stream.of(name), names.stream()).toList(),
                Set.of(name),
                aliases,
                prefix,
                any);
    }

    /** {@return these, and other spellings of them, of which no client is told} */
    public Parameters andAliases(Collection<String> spellings) {
        return new Parameters(names, repeatable, Set.copyOf(spellings), prefix, any);
    }

    /** {@return these, and all whose names begin with {@code start}} */
    public Parameters andAllOf(String start) {
        return new Parameters(names, repeatable, aliases, start, any);
    }

    /**
     * Checks the names in {@code query}, but no value.
     *
     * @throws ProblemException if one is unknown, or given more than once and not repeatable
     */
    public void check(Query query) {
        if (any) {
            return;
        }
        for (String name : query.names()) {
            if (!isKnown(name)) {
                throw Problem.unknownParameter(name, nearest(name), known()).exception();
            }
            if (!repeatable.contains(name)) {
                var _ = query.value(name);
            }
        }
    }

    private boolean isKnown(String name) {
        return names.contains(name)
                || aliases.contains(name)
                || (!prefix.isEmpty() && name.startsWith(prefix))
                || name.equals(TICKET)
                || TOKENS.contains(name);
    }

    private List<String> known() {
        return prefix.isEmpty()
                ? names
                : Stream.concat(names.stream(), Stream.of(prefix + "<name>")).toList();
    }

    /** The parameter that is meant, as far as one can guess. */
    private Optional<String> nearest(String name) {
        String plain = plain(name);
        return names.stream()
                .filter(known -> plain(known).equals(plain))
                .findFirst()
                .or(() -> Optional.ofNullable(OTHER_NAMES.get(plain)).filter(names::contains))
                .or(() -> Settings.nearest(name, names));
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
    }
}
