package dev.longwave.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What the files in deploy/kubernetes have to agree on, without a cluster. */
final class KubernetesManifestsTest {

    private static final Path FOLDER = Path.of("../deploy/kubernetes");
    private static final Path CHART = Path.of("../deploy/helm/longwave");

    /** After this time beyond the drain timeout, a server that hangs ends by itself. */
    private static final Duration END = Duration.ofSeconds(20);

    @Test
    void giveThePodTimeToDrain() throws IOException {
        Yaml yaml = new Yaml();
        Map<?, ?> config = yaml.load(read(FOLDER.resolve("longwave.yaml")));
        Duration drain = Duration.parse(string(config, "server", "drain-timeout"));
        List<?> preStop = (List<?>) at(container(), "lifecycle", "preStop", "exec", "command");
        Duration wait = Duration.ofSeconds(Long.parseLong((String) preStop.getLast()));

        assertThat(Duration.ofSeconds((Integer) at(pod(), "terminationGracePeriodSeconds")))
                .isGreaterThan(wait.plus(drain).plus(END));
    }

    @Test
    void probeTheAdminListener() throws IOException {
        Map<?, ?> config = new Yaml().load(read(FOLDER.resolve("longwave.yaml")));

        assertThat(ports())
                .containsEntry("http", at(config, "server", "port"))
                .containsEntry("admin", at(config, "admin", "port"));
        assertThat(string(container(), "livenessProbe", "httpGet", "path"))
                .isEqualTo("/health/live");
        assertThat(string(container(), "readinessProbe", "httpGet", "path"))
                .isEqualTo("/health/ready");
        assertThat(List.of("startupProbe", "livenessProbe", "readinessProbe"))
                .allSatisfy(probe ->
                        assertThat(string(container(), probe, "httpGet", "port"))
                                .isEqualTo("admin"));
    }

    @Test
    void giveThePodNoRights() throws IOException {
        assertThat(at(pod(), "securityContext", "runAsNonRoot")).isEqualTo(true);
        assertThat(at(pod(), "automountServiceAccountToken")).isEqualTo(false);
        assertThat(at(container(), "securityContext", "readOnlyRootFilesystem")).isEqualTo(true);
        assertThat(at(container(), "securityContext", "allowPrivilegeEscalation")).isEqualTo(false);
        assertThat(at(container(), "securityContext", "capabilities", "drop"))
                .isEqualTo(List.of("ALL"));
    }

    @Test
    void selectThePodsOfTheDeployment() throws IOException {
        Object labels = at(manifest("deployment.yaml"), "spec", "template", "metadata", "labels");

        assertThat(at(manifest("deployment.yaml"), "spec", "selector", "matchLabels"))
                .isEqualTo(labels);
        assertThat(at(manifest("service.yaml"), "spec", "selector")).isEqualTo(labels);
        assertThat(at(manifest("poddisruptionbudget.yaml"), "spec", "selector", "matchLabels"))
                .isEqualTo(labels);
        assertThat(at(manifest("networkpolicy.yaml"), "spec", "podSelector", "matchLabels"))
                .isEqualTo(labels);
        assertThat(at(manifest("horizontalpodautoscaler.yaml"), "spec", "scaleTargetRef", "name"))
                .isEqualTo(at(manifest("deployment.yaml"), "metadata", "name"));
    }

    @Test
    void areAllListed() throws IOException {
        String list = read(FOLDER.resolve("README.md"));

        assertThat(names(FOLDER))
                .hasSize(8)
                .filteredOn(file -> !file.equals("README.md"))
                .allMatch(file -> list.contains("(" + file + ")"));
    }

    @Test
    void areTheTemplatesOfTheChart() throws IOException {
        assertThat(names(CHART.resolve("templates")))
                .contains("configmap.yaml", "secret.yaml")
                .containsAll(
                        names(FOLDER).stream()
                                .filter(file ->
                                        !List.of("README.md", "kustomization.yaml", "longwave.yaml")
                                                .contains(file))
                                .toList());
    }

    /** Ports, probes, and the hook. */
    @Test
    void haveTheSameContainerAsTheChart() throws IOException {
        String chart =
                between(
                        read(CHART.resolve("templates/deployment.yaml")),
                        "          ports:",
                        "resources:");

        assertThat(read(FOLDER.resolve("deployment.yaml"))).contains(chart);
    }

    private static Map<?, ?> pod() throws IOException {
        return (Map<?, ?>) at(manifest("deployment.yaml"), "spec", "template", "spec");
    }

    private static Map<?, ?> container() throws IOException {
        return (Map<?, ?>) ((List<?>) at(pod(), "containers")).getFirst();
    }

    private static Map<Object, Object> ports() throws IOException {
        var ports = new HashMap<Object, Object>();
        for (Object port : (List<?>) at(container(), "ports")) {
            ports.put(at((Map<?, ?>) port, "name"), at((Map<?, ?>) port, "containerPort"));
        }
        return ports;
    }

    private static Map<?, ?> manifest(String file) throws IOException {
        return new Yaml().load(read(FOLDER.resolve(file)));
    }

    private static String string(Map<?, ?> map, String... path) {
        return (String) at(map, path);
    }

    private static Object at(Map<?, ?> map, String... path) {
        Object value = map;
        for (String key : path) {
            value = requireNonNull(((Map<?, ?>) value).get(key), key);
        }
        return value;
    }

    private static String between(String text, String from, String to) {
        assertThat(text).contains(from).contains(to);
        int start = text.indexOf(from);
        return text.substring(start, text.indexOf(to, start));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, UTF_8);
    }
}
