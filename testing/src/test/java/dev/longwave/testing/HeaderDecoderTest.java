package dev.longwave.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ProtocolException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples are those of RFC 7541, appendix C. */
final class HeaderDecoderTest {

    private final HeaderDecoder decoder = new HeaderDecoder();

    @Test
    void readsLiteralsAndRemembersThem() throws ProtocolException {
        assertThat(decode("400a637573746f6d2d6b65790d637573746f6d2d686561646572")) // C.2.1
                .isEqualTo("{custom-key=custom-header}");
        assertThat(decode("be")).isEqualTo("{custom-key=custom-header}");
    }

    @Test
    void readsLiteralsThatAreNotToBeRemembered() throws ProtocolException {
        assertThat(decode("040c2f73616d706c652f70617468"))
                .isEqualTo("{:path=/sample/path}"); // C.2.2
        assertThat(decode("100870617373776f726406736563726574")) // C.2.3
                .isEqualTo("{password=secret}");
        assertThatThrownBy(() -> decode("be")).isInstanceOf(ProtocolException.class);
    }

    @Test
    void readsResponsesInHuffmanCodeThatShareATable() throws ProtocolException {
        // C.6, with a table of 256 bytes, from which fields have to be evicted.
        decode("3fe101");

        assertThat(
                        decode(
                                "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1b"
                                    + "ff6e919d29ad171863c78f0b97c8e9ae82ae43d3"))
                .isEqualTo(
                        "{:status=302, cache-control=private, date=Mon, 21 Oct 2013 20:13:21 GMT,"
                                + " location=https://www.example.com}");
        assertThat(decode("4883640effc1c0bf"))
                .isEqualTo(
                        "{:status=307, cache-control=private, date=Mon, 21 Oct 2013 20:13:21 GMT,"
                                + " location=https://www.example.com}");
        assertThat(
                        decode(
                                "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad"
                                    + "94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb529"
                                    + "1f9587316065c003ed4ee5b1063d5007"))
                .isEqualTo(
                        "{:status=200, cache-control=private, date=Mon, 21 Oct 2013 20:13:22 GMT,"
                                + " location=https://www.example.com, content-encoding=gzip,"
                                + " set-cookie=foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600;"
                                + " version=1}");
    }

    @Test
    void readsEveryByteInHuffmanCode() throws ProtocolException {
        // The codes of 0x00 (13 bits), 0x7f, 0xff and 0x0a, the longest, padded with ones.
        byte[] encoded = HexFormat.of().parseHex("ffc7fffffe7ffffddffffffe7f");

        assertThat(HuffmanCode.decode(encoded)).containsExactly(0x00, 0x7f, 0xff, 0x0a);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80", // the index 0
                "ff8080808001", // a large integer
                "0004", // a string that is cut off
                "00", // a field that is cut off
                "3fe21f", // a table of 4,097 bytes
                "0081fe00", // padding that is not all ones
                "0084ffffffff00", // the end symbol
                "0082ffff00", // padding of more than seven bits
            })
    void refusesWhatNoEncoderSends(String block) {
        assertThatThrownBy(() -> decode(block)).isInstanceOf(ProtocolException.class);
    }

    private String decode(String hex) throws ProtocolException {
        return decoder.decode(HexFormat.of().parseHex(hex)).toString();
    }
}
