package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** The configurations in deploy/proxies, without the proxies: {@code ProxyMatrixIT} has those. */
final class ProxyConfigurationsTest {

    private static final Path FOLDER = Path.of("../deploy/proxies");

    @ParameterizedTest
    @ValueSource(strings = {"traefik.yaml", "envoy.yaml"})
    void areYamlThatNamesTheServer(String file) throws IOException {
        Object document = new Yaml().load(Files.readString(FOLDER.resolve(file)));

        assertThat(document).asString().contains("127.0.0.1", "8080");
    }

    @Test
    void areAllListed() throws IOException {
        String list = Files.readString(FOLDER.resolve("README.md"));
        List<String> files;
        try (Stream<Path> found = Files.list(FOLDER)) {
            files = found.map(file -> file.getFileName().toString()).toList();
        }

        assertThat(files)
                .hasSize(9)
                .filteredOn(file -> !file.equals("README.md"))
                .allMatch(file -> list.contains("(" + file + ")"));
    }
}
