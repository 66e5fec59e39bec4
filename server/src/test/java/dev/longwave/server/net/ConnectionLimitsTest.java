package dev.longwave.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ConnectionLimitsTest {

    private static final AddressRanges NONE = AddressRanges.of(List.of());
    private static final InetAddress ONE = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress OTHER = InetAddress.ofLiteral("192.0.2.2");

    @Test
    void countsAllConnections() {
        var limits = new ConnectionLimits(2, 0, NONE);
        assertThat(limits.admit(ONE)).isEmpty();
        assertThat(limits.admit(OTHER)).isEmpty();

        assertThat(limits.admit(ONE)).contains(new ConnectionLimits.Exceeded("connections", 2));

        assertThat(limits.total()).isEqualTo(2);
    }

    @Test
    void countsEachAddress() {
        var limits = new ConnectionLimits(100, 1, NONE);
        assertThat(limits.admit(ONE)).isEmpty();

        assertThat(limits.admit(ONE))
                .contains(new ConnectionLimits.Exceeded("connections-per-address", 1));

        assertThat(limits.admit(OTHER)).isEmpty();
        assertThat(limits.total()).isEqualTo(2);
    }

    @Test
    void givesPlacesBack() {
        var limits = new ConnectionLimits(100, 1, NONE);
        assertThat(limits.admit(ONE)).isEmpty();
        assertThat(limits.admit(ONE)).isPresent();

        limits.release(ONE);

        assertThat(limits.total()).isZero();
        assertThat(limits.admit(ONE)).isEmpty();
        assertThat(limits.admit(ONE)).isPresent();
    }

    @Test
    void exemptsProxies() {
        var limits = new ConnectionLimits(3, 1, AddressRanges.of(List.of("192.0.2.1")));

        assertThat(limits.admit(ONE)).isEmpty();
        assertThat(limits.admit(ONE)).isEmpty();
        limits.release(ONE);
        assertThat(limits.admit(ONE)).isEmpty();
        assertThat(limits.admit(OTHER)).isEmpty();

        assertThat(limits.admit(ONE)).isPresent();
    }

    /** A client has as many addresses as it likes in its IPv6 network. */
    @Test
    void countsNetworksOfIpv6() {
        var limits = new ConnectionLimits(100, 1, NONE);
        assertThat(limits.admit(InetAddress.ofLiteral("2001:db8:0:1::1"))).isEmpty();

        assertThat(limits.admit(InetAddress.ofLiteral("2001:db8:0:1:ffff::2"))).isPresent();
        assertThat(limits.admit(InetAddress.ofLiteral("2001:db8:0:2::1"))).isEmpty();
    }
}
