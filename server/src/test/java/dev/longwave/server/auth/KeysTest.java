package dev.longwave.server.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.server.config.ConfigSources;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.session.Credential;
import dev.longwave.token.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys of several sources, one of which is never reached. Port 9 is that of nobody. */
final class KeysTest {

    private static final Credential.Key REMOVED =
            new Credential.Key(ApiKeys.SOURCE, Sha256.hex("lwk_removed"));
    private static final Credential.Key KEPT =
            new Credential.Key(ApiKeys.SOURCE, Sha256.hex("lwk_kept"));

    @TempDir private Path folder;

    @Test
    void knowsThatAnApiKeyIsGoneWhileAnIssuerIsNotReached() throws Exception {
        Path file = write("lwk_removed", "lwk_kept");
        try (Keys keys = keys("auth.keys-file=" + file, "auth.jwt.jwks-url=http://127.0.0.1:9/a")) {
            assertThat(keys.know(REMOVED)).isTrue();
            var _ = write("lwk_kept");

            keys.prepare().run();

            assertThat(keys.know(REMOVED)).isFalse();
            assertThat(keys.know(KEPT)).isTrue();
        }
    }

    @Test
    void asksOnlyTheIssuerThatAcceptedTheCredential() {
        try (Keys keys =
                keys(
                        "auth.issuers.a.issuer=a",
                        "auth.issuers.a.secret=" + "A".repeat(43),
                        "auth.issuers.b.issuer=b",
                        "auth.issuers.b.jwks-url=http://127.0.0.1:9/b")) {
            assertThat(keys.know(new Credential.Key("auth.issuers.a", "gone"))).isFalse();
            assertThat(keys.know(new Credential.Key("auth.issuers.of-old", "gone"))).isFalse();
            assertThatThrownBy(() -> keys.know(new Credential.Key("auth.issuers.b", "k")))
                    .isInstanceOf(ProblemException.class);
        }
    }

    private static Keys keys(String... settings) {
        return Keys.open(
                AuthSettings.read(
                        new ConfigSources(List.of()).assignments(List.of(settings)).settings()));
    }

    private Path write(String... keys) throws IOException {
        var entries = new StringBuilder();
        for (String key : keys) {
            entries.append("%s: {sha256: %s}%n".formatted(key.substring(4), Sha256.hex(key)));
        }
        return Files.writeString(folder.resolve("api-keys.yaml"), entries);
    }
}
