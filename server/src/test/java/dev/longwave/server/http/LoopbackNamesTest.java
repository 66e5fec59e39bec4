package dev.longwave.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LoopbackNamesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LocalHost:8080",
                "localhost.",
                "app.localhost:1",
                "127.0.0.1",
                "127.1.2.3:8080",
                "[::1]",
                "[::1]:8080",
                "[0:0:0:0:0:0:0:1]:80",
                "localhost:"
            })
    void knowsLoopbackNames(String authority) {
        assertThat(LoopbackNames.isLoopback(authority)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":8080",
                "evil.example",
                "localhost.evil.example",
                "evillocalhost",
                "127.0.0.1.evil.example",
                "10.0.0.1",
                "0.0.0.0",
                "128.0.0.1",
                "[::2]",
                "[::1",
                "::1",
                "user@localhost",
                "localhost/",
                "localhost:80:80",
                "localhost, evil.example",
                "local host",
                "\u2113ocalhost"
            })
    void knowsNoOthers(String authority) {
        assertThat(LoopbackNames.isLoopback(authority)).isFalse();
    }
}
