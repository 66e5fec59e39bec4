package dev.longwave.server.config;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Merges settings from several sources, of which one that is added later wins: usually a file, then
 * the environment, then the command line. For one thread.
 *
 * <p>In a file, sections are nested, or their keys are written with dots. A list of words is joined
 * with commas, and the sections of a list are numbered from 0, as {@code name.0.key}. A key without
 * a value is not set. A value is the text as it stands there: {@code no} and {@code 010} are what
 * they seem to be.
 *
 * <p>In the environment, the name of a setting is its key in upper case, with {@code _} for each
 * dot and dash, after {@code LONGWAVE_}: {@code LONGWAVE_SSE_HEARTBEAT_INTERVAL} is {@code
 * sse.heartbeat-interval}. So it can name only what is known to be a key, or is set by a source
 * before it; a variable that names nothing stops the start. The keys of a broker module are not
 * known here: {@code LONGWAVE_BROKER_NATS_INBOX_PREFIX} is taken for {@code
 * broker.nats.inbox-prefix}.
 *
 * <p>Whether the keys of a file or of the command line are known is not checked here but by {@link
 * Settings#refuseUnknown()}.
 */
public final class ConfigSources {

    private static final String PREFIX = "LONGWAVE_";
    private static final Pattern OF_A_BROKER =
            Pattern.compile(PREFIX + "BROKER_([A-Z0-9]+)_([A-Z0-9_]+)");

    /** Variables that are for the scripts and the client commands. */
    private static final Set<String> NOT_SETTINGS =
            Set.of(
                    "LONGWAVE_URL",
                    "LONGWAVE_TOKEN",
                    "LONGWAVE_HOME",
                    "LONGWAVE_JAVA_OPTS",
                    "LONGWAVE_AOT_CACHE");

    private final Set<String> knownKeys;
    private final Map<String, String> values = new TreeMap<>();

    /**
     * No settings yet.
     *
     * @param knownKeys the keys that the environment may set
     */
    public ConfigSources(Collection<String> knownKeys) {
        this.knownKeys = Set.copyOf(knownKeys);
    }

    /**
     * Adds the settings of a YAML file.
     *
     * @throws BrokerConfigurationException naming the file, and the line if there is one, that
     *     cannot be read
     */
    public ConfigSources file(Path file) {
        values.putAll(YamlSettings.read(file));
        return this;
    }

    /**
     * Adds the variables that start with {@code LONGWAVE_}.
     *
     * @throws BrokerConfigurationException if one names no setting, or may mean several
     */
    public ConfigSources environment(Map<String, String> environment) {
        Map<String, Set<String>> keys = keysByVariable();
        var given = new TreeMap<String, String>();
        for (String variable : new TreeSet<>(environment.keySet())) {
            if (variable.startsWith(PREFIX) && !NOT_SETTINGS.contains(variable)) {
                given.put(key(variable, keys), environment.getOrDefault(variable, ""));
            }
        }
        values.putAll(given);
        return this;
    }

    /**
     * Adds settings of the form {@code key=value}.
     *
     * @throws BrokerConfigurationException if one has another form
     */
    public ConfigSources assignments(List<String> assignments) {
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals <= 0) {
                // Not shown in full: without its sign it may be a secret alone.
                throw new BrokerConfigurationException(
                        "a setting is given as key=value, as sse.heartbeat-interval=PT15S");
            }
            values.put(assignment.substring(0, equals).strip(), assignment.substring(equals + 1));
        }
        return this;
    }

    /** {@return the settings merged so far} */
    public Settings settings() {
        return new Settings(values);
    }

    private Map<String, Set<String>> keysByVariable() {
        var known = new HashSet<>(knownKeys);
        known.addAll(values.keySet());
        var keys = new TreeMap<String, Set<String>>();
        for (String key : known) {
            keys.computeIfAbsent(variable(key), _ -> new TreeSet<>()).add(key);
        }
        return keys;
    }

    private static String variable(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    private static String key(String variable, Map<String, Set<String>> keys) {
        Set<String> meant = keys.getOrDefault(variable, Set.of());
        if (meant.isEmpty()) {
            Matcher ofABroker = OF_A_BROKER.matcher(variable);
            if (ofABroker.matches()) {
                String key = "broker." + ofABroker.group(1) + '.' + ofABroker.group(2);
                return key.toLowerCase(Locale.ROOT).replace('_', '-');
            }
            String message = "unknown environment variable: " + variable;
            Optional<String> nearest = Settings.nearest(variable, keys.keySet());
            throw new BrokerConfigurationException(
                    nearest.map(name -> message + "; did you mean " + name + "?").orElse(message));
        }
        if (meant.size() > 1) {
            throw new BrokerConfigurationException(
                    "the environment variable %s may mean %s: set one of them in the file or with --set"
                            .formatted(variable, String.join(" or ", meant)));
        }
        return meant.iterator().next();
    }
}
