package dev.longwave.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.server.http.Problem;
import dev.longwave.server.session.Credential;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;

final class IdentityTest {

    @Test
    void doesNotHoldIfItCannotBeChecked() {
        Identity client = client(new IllegalStateException("for the test"));

        assertThat(client.holds(List.of("a"))).isFalse();
    }

    @Test
    void doesNotHoldIfOnlyKeysThatWereNeverReachedCouldVouchForIt() {
        Identity client = client(Refusals.keysUnavailable().exception());

        assertThat(client.holds(List.of("a"))).isFalse();
    }

    private static Identity client(RuntimeException whenChecked) {
        return Identity.of(
                Credential.of("alice"),
                Rights.of(Permissions.ALL),
                new Identity.Validity() {
                    @Override
                    public void check(Credential credential) {
                        throw whenChecked;
                    }

                    @Override
                    public void refused(
                            Credential credential, Collection<String> topics, Problem why) {}
                });
    }
}
