package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/**
 * The manifests in deploy/kubernetes have only fields that Kubernetes knows, of the right types,
 * and all that it requires: as the client library for Java has them from its OpenAPI description.
 */
final class KubernetesSchemaTest {

    private static final Path FOLDER = Path.of("../deploy/kubernetes");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "deployment.yaml",
                "service.yaml",
                "poddisruptionbudget.yaml",
                "networkpolicy.yaml",
                "horizontalpodautoscaler.yaml"
            })
    void hasOnlyWhatKubernetesKnows(String file) throws Exception {
        check(Files.readString(FOLDER.resolve(file)));
    }

    @Test
    void knowsAFieldThatIsMisspelled() throws IOException {
        String manifest = Files.readString(FOLDER.resolve("deployment.yaml"));
        String misspelled =
                manifest.replace("terminationGracePeriodSeconds", "terminationGraceSeconds");

        assertThat(misspelled).isNotEqualTo(manifest);
        assertThatThrownBy(() -> check(misspelled))
                .cause()
                .hasMessageContaining("terminationGraceSeconds");
    }

    /** By name, for javac would miss the annotations of these classes, which nobody needs. */
    private static void check(String manifest) throws ReflectiveOperationException {
        Map<?, ?> yaml = new Yaml().load(manifest);
        String version = String.valueOf(yaml.get("apiVersion")).replaceFirst(".*/", "");
        String schema =
                "io.kubernetes.client.openapi.models."
                        + version.toUpperCase(Locale.ROOT)
                        + yaml.get("kind");
        Class.forName(schema)
                .getMethod("validateJsonElement", JsonElement.class)
                .invoke(null, new Gson().toJsonTree(yaml));
    }
}
