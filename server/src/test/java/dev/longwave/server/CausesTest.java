package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;

final class CausesTest {

    @Test
    void namesEachCauseOnce() {
        var cause = new IOException("handshake", new ConnectException("Connection refused"));
        var repeated = new IllegalStateException(cause); // with the words of its cause

        assertThat(Causes.line(new RuntimeException("cannot connect", repeated)))
                .isEqualTo(
                        "cannot connect; cause: IllegalStateException: java.io.IOException:"
                                + " handshake; cause: ConnectException: Connection refused");
    }

    @Test
    void namesACauseThatSaysNothing() {
        assertThat(Causes.line(new RuntimeException("cannot connect", new IOException())))
                .isEqualTo("cannot connect; cause: IOException");
    }

    @Test
    void leavesOutPasswordsAndLineBreaks() {
        var cause =
                new IOException(
                        "nats://me:hunter2@host:1,\r\nredis://:hunter2@host"
                                + " jdbc:x://host/a?user=me&password=hunter2&ssl=true");

        assertThat(Causes.line(new RuntimeException("cannot connect", cause)))
                .isEqualTo(
                        "cannot connect; cause: IOException: nats://***@host:1, redis://***@host"
                                + " jdbc:x://host/a?user=me&password=***&ssl=true");
    }

    @Test
    void endsWhereCausesFormACircle() {
        var first = new IOException("first");
        var second = new IOException("second", first);
        first.initCause(second);

        assertThat(Causes.line(second)).isEqualTo("second; cause: IOException: first");
    }
}
