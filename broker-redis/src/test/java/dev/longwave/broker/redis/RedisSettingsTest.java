package dev.longwave.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
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
import redis.clients.jedis.HostAndPort;

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
            assertThatThrownBy(() -> new Tls(new Tls.PemFiles(file, null, null)))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("broker.redis.tls-ca-file")
                    .hasMessageContaining("file=" + file);
        }
    }

    @Test
    void saysWhatIsWrongWithAPrivateKey(@TempDir Path directory) throws IOException {
        ServerCertificate pair = ServerCertificate.make(directory, "dns:client");
        Path none = directory.resolve("none.pem");
        Path damaged =
                Files.writeString(
                        directory.resolve("damaged-key.pem"),
                        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");

        for (Path file : new Path[] {none, damaged, pair.certificate()}) {
            assertThatThrownBy(() -> new Tls(new Tls.PemFiles(null, pair.certificate(), file)))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("broker.redis.tls-key-file")
                    .hasMessageContaining("file=" + file);
        }
    }

    @Test
    void refusesACertificateWithoutItsKey() {
        assertThatThrownBy(() ->
                        read(Map.of("uri", "rediss://localhost", "tls-cert-file", "client.pem")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("broker.redis.tls-key-file");
    }

    @Test
    void refusesALoginForSentinelsWithoutSentinels() {
        assertThatThrownBy(() -> read(Map.of("sentinel-password", "hush")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("redis-sentinel://")
                .hasMessageNotContaining("hush");
    }

    @Test
    void readsAnAddressMap() {
        AddressMap map = AddressMap.parse("10.0.0.1:6379=localhost:7000, 10.0.0.2=localhost:7001");

        assertThat(map.actual(new HostAndPort("10.0.0.1", 6379)))
                .isEqualTo(new HostAndPort("localhost", 7000));
        assertThat(map.actual(new HostAndPort("10.0.0.2", 6379)))
                .isEqualTo(new HostAndPort("localhost", 7001));
        assertThat(map.actual(new HostAndPort("10.0.0.3", 6379)))
                .isEqualTo(new HostAndPort("10.0.0.3", 6379));
        assertThatThrownBy(() -> AddressMap.parse("10.0.0.1:6379"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("broker.redis.address-map");
    }

    private static RedisSettings read(Map<String, String> settings) {
        return RedisSettings.read(new Settings(settings));
    }
}
