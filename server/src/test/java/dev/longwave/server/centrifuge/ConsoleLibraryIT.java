package dev.longwave.server.centrifuge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.server.JsPackages;
import dev.longwave.server.console.ConsoleHandler;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The library of the console's pages, which is kept in the repository. */
final class ConsoleLibraryIT {

    @ParameterizedTest
    @CsvSource({"centrifuge.js, dist/centrifuge.js", "centrifuge-license.txt, LICENSE"})
    void isThatOfNpmInTheVersionThatTheTestsUse(String name, String original) throws Exception {
        Path file =
                JsPackages.installed("centrifuge")
                        .resolve(Path.of("node_modules", "centrifuge", original));

        try (InputStream kept = ConsoleHandler.class.getResourceAsStream(name)) {
            assertThat(Objects.requireNonNull(kept)).hasBinaryContent(Files.readAllBytes(file));
        }
    }
}
