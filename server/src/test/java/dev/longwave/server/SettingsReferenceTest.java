package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/** Keeps the table in docs/configuration.md true: it is what the code reads. */
final class SettingsReferenceTest {

    private static final Path PAGE = Path.of("..", "docs", "configuration.md");
    private static final String BEGIN = "<!-- settings: ";
    private static final String END = "<!-- end of settings -->";

    @Test
    void tableSaysWhatTheCodeReads() throws IOException {
        String page = Files.readString(PAGE);

        String table = page.substring(page.indexOf(BEGIN), page.indexOf(END));

        assertThat(table.substring(table.indexOf('\n') + 1)).isEqualTo(expected());
    }

    private static String expected() {
        var known = new ArrayList<>(ServerSettings.reference());
        known.addAll(brokerSettings());
        var table = new StringBuilder("\n| setting | values | default | what it does |\n");
        table.append("| --- | --- | --- | --- |\n");
        for (Settings.Known setting : known) {
            table.append(
                    "| `%s` | %s | %s | %s |\n"
                            .formatted(
                                    setting.key(),
                                    setting.kind(),
                                    setting.fallback().isEmpty() || setting.fallbackIsRule()
                                            ? setting.fallback()
                                            : '`' + setting.fallback() + '`',
                                    setting.purpose()));
        }
        return table.append('\n').toString();
    }

    private static List<Settings.Known> brokerSettings() {
        var settings = new Settings(Map.of());
        for (BrokerProvider provider : ServiceLoader.load(BrokerProvider.class)) {
            Settings section = settings.section("broker").section(provider.type());
            var _ = provider.settings(section);
        }
        return settings.known();
    }
}
