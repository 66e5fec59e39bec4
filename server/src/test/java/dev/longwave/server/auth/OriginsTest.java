package dev.longwave.server.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OriginsTest {

    @ParameterizedTest
    @CsvSource({
        "https://app.example.com, true",
        "http://app.example.com, false",
        "https://app.example.com:8443, false",
        "https://app.example.com.evil.org, false",
        "https://a.sites.example.com, true",
        "https://a.b.sites.example.com, true",
        "https://sites.example.com, false",
        "https://.sites.example.com, false",
        "https://evilsites.example.com, false",
        "https://evil.org/.sites.example.com, false",
        "https://evil.org#.sites.example.com, false",
        "https://user@a.sites.example.com, false",
        "http://localhost:3000, true",
        "null, false",
        "'', false"
    })
    void namesOriginsAndSubdomains(String origin, boolean named) {
        Origins origins =
                Origins.of(
                        List.of(
                                "https://App.example.com",
                                "https://*.sites.example.com",
                                "http://localhost:3000"),
                        "cors.origins");

        assertThat(origins.name(origin)).isEqualTo(named);
        assertThat(origins.any()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "example.com",
                "https://example.com/",
                "https://a.*.example.com",
                "ftp://example.com",
                "https://*"
            })
    void refusesWhatIsNoOrigin(String entry) {
        assertThatThrownBy(() -> Origins.of(List.of(entry), "cors.origins"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("cors.origins");
    }
}
