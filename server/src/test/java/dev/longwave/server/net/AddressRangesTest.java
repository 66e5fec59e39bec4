package dev.longwave.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressRangesTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,     10.255.0.1,   true",
        "10.0.0.0/8,     11.0.0.0,     false",
        "10.1.2.3,       10.1.2.3,     true",
        "10.1.2.3,       10.1.2.2,     false",
        "192.168.4.0/22, 192.168.7.9,  true",
        "192.168.4.0/22, 192.168.8.0,  false",
        "0.0.0.0/0,      203.0.113.1,  true",
        "0.0.0.0/0,      2001:db8::1,  false",
        "2001:db8::/32,  2001:db8:1::, true",
        "2001:db8::/32,  2001:db9::,   false",
        "::1,            ::1,          true",
        "::1,            127.0.0.1,    false"
    })
    void containsWhatTheRangeNames(String range, String address, boolean contained) {
        assertThat(AddressRanges.of(List.of(range)).contain(InetAddress.ofLiteral(address)))
                .isEqualTo(contained);
    }

    @Test
    void joinsRanges() {
        AddressRanges ranges = AddressRanges.of(List.of("10.0.0.0/8", "::1"));

        assertThat(ranges.contain(InetAddress.ofLiteral("10.9.9.9"))).isTrue();
        assertThat(ranges.contain(InetAddress.ofLiteral("::1"))).isTrue();
        assertThat(ranges.contain(InetAddress.ofLiteral("192.0.2.1"))).isFalse();
    }

    @Test
    void mayBeEmpty() {
        assertThat(AddressRanges.of(List.of()).contain(InetAddress.ofLiteral("10.0.0.1")))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "proxy", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "::/129", "/8"})
    void refusesWhatIsNeither(String text) {
        assertThatThrownBy(() -> AddressRanges.of(List.of(text)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
