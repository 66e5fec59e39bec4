package dev.longwave.broker.redis;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RedisSettingsTest {

    @Test
    void refusesAUserWithoutAPassword() {
        for (Map<String, String> settings :
                List.of(Map.of("user", "ann"), Map.of("uri", "redis://ann@localhost"))) {
            assertThatThrownBy(() -> read(settings))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("broker.redis.password");
        }
    }

    @Test
    void refusesAWindowThatEndsBeforeTheLastAttempt() {
        assertThatThrownBy(() -> read(Map.of("dedup-window", "PT3S", "timeout", "PT2S")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("dedup-window=PT3S timeout=PT2S");
    }

    @Test
    void refusesCertificatesWithoutTls() {
        assertThatThrownBy(() -> read(Map.of("tls-ca-file", "ca.pem")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("rediss://");
    }

    @Test
    void saysWhatIsWrongWithAFileOfCertificates(@TempDir Path directory) throws IOException {
        Path none = directory.resolve("none.pem");
        Path empty = Files.writeString(directory.resolve("empty.pem"), "");
        Path damaged =
                Files.writeString(
                        directory.resolve("damaged.pem"),
                        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

        for (Path file : new Path[] {none, empty, damaged}) {
            assertThatThrownBy(() -> new Tls(file))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("broker.redis.tls-ca-file")
                    .hasMessageContaining("file=" + file);
        }
    }

    private static RedisSettings read(Map<String, String> settings) {
        return RedisSettings.read(new Settings(settings));
    }
}
