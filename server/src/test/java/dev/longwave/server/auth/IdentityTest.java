package dev.longwave.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.server.session.Credential;
import java.util.List;
import org.junit.jupiter.api.Test;

final class IdentityTest {

    @Test
    void doesNotHoldIfItCannotBeChecked() {
        Identity client =
                Identity.of(
                        Credential.of("alice"),
                        Rights.of(Permissions.ALL),
                        _ -> {
                            throw new IllegalStateException("for the test");
                        });

        assertThat(client.holds(List.of("a"))).isFalse();
    }

    @Test
    void doesNotHoldIfOnlyKeysThatWereNeverReachedCouldVouchForIt() {
        Identity client =
                Identity.of(
                        Credential.of("alice"),
                        Rights.of(Permissions.ALL),
                        _ -> {
                            throw Refusals.keysUnavailable().exception();
                        });

        assertThat(client.holds(List.of("a"))).isFalse();
    }
}
