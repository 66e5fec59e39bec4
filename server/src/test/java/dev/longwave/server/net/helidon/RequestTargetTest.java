package dev.longwave.server.net.helidon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.longwave.server.net.RequestFaultException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestTargetTest {

    private static final long SEED = System.nanoTime();

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = 'Q',
            value = {
                "/ /",
                "/events/room.1 /events/room.1",
                "/events/t?since=a.b&x=/../y /events/t?since=a.b&x=/../y",
                // What WHATWG URLs leave raw.
                "/events/a|b /events/a%7Cb",
                "/events/room[1] /events/room%5B1%5D",
                "/events/^{}`\"<>\\ /events/%5E%7B%7D%60%22%3C%3E%5C",
                "/e?a|[]^{}`\"<>\\ /e?a%7C%5B%5D%5E%7B%7D%60%22%3C%3E%5C",
                "/events/café /events/caf%C3%A9",
                "/e?q=é /e?q=%C3%A9",
                // Percent-escapes.
                "/%65vents/%41%2d%7E /events/A-~",
                "/events/a%2fb%20c /events/a%2Fb%20c",
                "/events/%ff /events/%FF",
                "/e?q=%41%26 /e?q=A%26",
                // RFC 3986, section 5.2.4.
                "/./events/t /events/t",
                "/events/./t /events/t",
                "/events/../publish /publish",
                "/a/b/c/./../../g /a/g",
                "/mid/content=5/../6 /mid/6",
                "/.. /",
                "/../../x /x",
                "/a/. /a/",
                "/a/.. /",
                "/a/b/.. /a/",
                "/a/..b/.c/d. /a/..b/.c/d.",
                "/events/%2e%2E/publish /publish",
                "/a/.%2e?b /?b",
                // Empty segments, and parameters of segments.
                "// /%2F",
                "//events/t /%2Fevents/t",
                "/.//events/t /%2Fevents/t",
                "/events//t /events/%2Ft",
                "///x/ /%2F%2Fx/",
                "/a//.. /a/",
                "/;x /%3Bx",
                "/events;a/t?b;c /events%3Ba/t?b;c",
            })
    void hasOneForm(String raw, String normal) {
        assertThat(normalised(raw)).isEqualTo(normal);
        assertThat(normalised(normal)).isEqualTo(normal);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "events/t",
                "http://h/",
                "/a b",
                "/a\tb",
                "/a\u0000",
                "/a\u007f",
                "/a\r\nb",
                "/a#b",
                "/a?b#c",
                "/a%",
                "/a%4",
                "/a%zz",
                "/a%4g?b",
                "/a?b=%",
                "/a?b=%g0",
            })
    void refuses(String raw) {
        assertThatExceptionOfType(RequestFaultException.class)
                .isThrownBy(() -> normalised(raw))
                .satisfies(e -> assertThat(e.fault().status()).isEqualTo(400));
    }

    @Test
    void refusesWhatIsNotUtf8() {
        byte[] raw = {'/', 'a', (byte) 0xc3};

        assertThatExceptionOfType(RequestFaultException.class)
                .isThrownBy(() -> RequestTarget.normalised(raw));
    }

    @Test
    void keepsWhatIsNormal() {
        byte[] raw = "/events/a/b.c?since=latest".getBytes(StandardCharsets.US_ASCII);

        assertThat(RequestTarget.normalised(raw)).isSameAs(raw);
    }

    @Test
    void readsAPart() {
        byte[] line = "GET /a|b HTTP/1.1".getBytes(StandardCharsets.US_ASCII);

        assertThat(RequestTarget.normalised(line, 4, 8)).asString().isEqualTo("/a%7Cb");
    }

    /** Helidon parses the path as a {@link URI}, and routes by what that says. */
    @Test
    void givesPathsThatHelidonReadsAlike() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
        String alphabet = "aZ9/.;%2eF?|[{\\~é:@&=+$,-_!*'()";
        for (int i = 0; i < 20_000; i++) {
            var raw = new StringBuilder("/");
            for (int length = random.nextInt(12); length > 0; length--) {
                raw.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String normal;
            try {
                normal = normalised(raw.toString());
            } catch (RequestFaultException _) {
                continue;
            }
            String path = normal.split("\\?", 2)[0];

            assertThat(normalised(normal)).as("%s seed=%d", raw, SEED).isEqualTo(normal);
            assertThat(URI.create(path).normalize().getRawPath())
                    .as("%s seed=%d", raw, SEED)
                    .isEqualTo(path);
        }
    }

    private static String normalised(String raw) {
        return new String(
                RequestTarget.normalised(raw.getBytes(StandardCharsets.UTF_8)),
                StandardCharsets.US_ASCII);
    }
}
