package dev.longwave.server.config;

import dev.longwave.broker.BrokerConfigurationException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** The settings of a YAML file, flattened to dotted keys. */
final class YamlSettings {
    /*
     * The file is read as a tree of nodes, and no object is made of them: a node knows its line, and
     * a scalar is the text that stands there, while YAML 1.1 would take 010 for eight, 12:30 for 750
     * and no for false.
     */

    private static final int MAX_DEPTH = 32;

    private final Path file;
    private final Map<String, String> values = new LinkedHashMap<>();

    private YamlSettings(Path file) {
        this.file = file;
    }

    /**
     * {@return the settings of {@code file} by full key}
     *
     * @throws BrokerConfigurationException naming the file, and the line if there is one, that
     *     cannot be read
     */
    static Map<String, String> read(Path file) {
        var settings = new YamlSettings(file);
        settings.add(settings.parse());
        return settings.values;
    }

    private @Nullable Node parse() {
        var options = new LoaderOptions();
        options.setAllowRecursiveKeys(false);
        try (var reader = Files.newBufferedReader(file)) {
            return new Yaml(new SafeConstructor(options)).compose(reader);
        } catch (MarkedYAMLException e) {
            @Nullable Mark mark = e.getProblemMark();
            String problem = e.getProblem() == null ? "not YAML" : e.getProblem();
            throw bad(problem, mark == null ? 0 : mark.getLine() + 1, e);
        } catch (YAMLException e) {
            @Nullable Throwable cause = e.getCause();
            throw bad(
                    cause instanceof CharacterCodingException
                            ? "not UTF-8"
                            : "not YAML: " + e.getMessage(),
                    0,
                    e);
        } catch (NoSuchFileException e) {
            throw bad("there is no such file", 0, e);
        } catch (IOException e) {
            throw bad("cannot be read: " + e.getMessage(), 0, e);
        }
    }

    private void add(@Nullable Node root) {
        switch (root) {
            case null -> {}
            case MappingNode mapping -> addAll("", mapping, 0);
            case Node node when isEmpty(node) -> {}
            case Node node -> throw bad("must be settings, as \"port: 8080\"", node);
        }
    }

    private void addAll(String prefix, MappingNode mapping, int depth) {
        for (var tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key) || key.getValue().isBlank()) {
                throw bad("a key must be a word", tuple.getKeyNode());
            }
            add(prefix + key.getValue(), tuple.getValueNode(), depth + 1);
        }
    }

    private void add(String key, Node value, int depth) {
        if (depth > MAX_DEPTH) {
            throw bad(key + " is nested too deep max=" + MAX_DEPTH, value);
        }
        switch (value) {
            // A section whose settings are all commented out.
            case Node node when isEmpty(node) -> {}
            case ScalarNode scalar -> put(key, scalar.getValue(), scalar);
            case MappingNode mapping -> addAll(key + '.', mapping, depth);
            case SequenceNode list -> addList(key, list, depth);
            default -> throw bad(key + " has a value of an unknown kind", value);
        }
    }

    private void addList(String key, SequenceNode list, int depth) {
        List<Node> items = list.getValue();
        if (!items.isEmpty() && items.stream().allMatch(MappingNode.class::isInstance)) {
            for (int i = 0; i < items.size(); i++) {
                add(key + '.' + i, items.get(i), depth + 1);
            }
            return;
        }
        var texts = new ArrayList<String>();
        for (Node item : items) {
            if (!(item instanceof ScalarNode scalar) || isEmpty(item)) {
                throw bad(key + " must be a list of words or a list of sections", item);
            }
            if (scalar.getValue().indexOf(',') >= 0) {
                throw bad("an item of the list " + key + " must not have a comma", item);
            }
            texts.add(scalar.getValue());
        }
        put(key, String.join(",", texts), list);
    }

    private void put(String key, String value, Node where) {
        if (values.putIfAbsent(key, value) != null) {
            throw bad(key + " is set twice", where);
        }
    }

    private static boolean isEmpty(Node node) {
        return node instanceof ScalarNode scalar
                && scalar.getScalarStyle() == ScalarStyle.PLAIN
                && scalar.getTag().equals(Tag.NULL);
    }

    private BrokerConfigurationException bad(String problem, Node where) {
        return bad(problem, where.getStartMark().getLine() + 1, null);
    }

    private BrokerConfigurationException bad(String problem, int line, @Nullable Throwable cause) {
        String place = line == 0 ? " file=" + file : " file=" + file + " line=" + line;
        return new BrokerConfigurationException("configuration file: " + problem + place, cause);
    }
}
