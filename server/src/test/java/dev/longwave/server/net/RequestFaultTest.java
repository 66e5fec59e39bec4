package dev.longwave.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class RequestFaultTest {

    @Test
    void isAProblemDocumentAsAResponse() {
        String document =
                "{\"type\":\"urn:longwave:problem:request-malformed\","
                        + "\"title\":\"The request is not valid\",\"status\":400,\"detail\":\"x\"}";

        assertThat(response(RequestFault.malformed("x"), true))
                .isEqualTo(
                        """
                        HTTP/1.1 400 Bad Request\r
                        Content-Type: application/problem+json\r
                        Content-Length: %d\r
                        Cache-Control: no-store\r
                        Connection: close\r
                        \r
                        %s\
                        """
                                .formatted(document.length(), document));
    }

    @Test
    void hasNoBodyInAnswerToHead() {
        assertThat(response(RequestFault.malformed("x"), false))
                .contains("Content-Length: 1")
                .endsWith("\r\n\r\n");
    }

    @Test
    void saysWhenToTryAgain() {
        var fault = new RequestFault(429, "connections", "Too many connections", "x", 7);

        assertThat(response(fault, true))
                .startsWith("HTTP/1.1 429 Too Many Requests\r\n")
                .contains("\r\nRetry-After: 5\r\n")
                .endsWith("\"detail\":\"x\",\"max\":7}");
    }

    private static String response(RequestFault fault, boolean withBody) {
        return StandardCharsets.US_ASCII.decode(fault.http1Response(withBody)).toString();
    }
}
