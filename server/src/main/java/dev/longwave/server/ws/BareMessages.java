package dev.longwave.server.ws;

import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Problems;

/** Publishes each message as it is. What cannot be published ends the connection, and says why. */
final class BareMessages implements WsConnection.Messages {

    private final RawPublishing publishing;

    BareMessages(RawPublishing publishing) {
        this.publishing = publishing;
    }

    @Override
    public void text(byte[] utf8) {
        try {
            var _ = publishing.text(utf8);
        } catch (RuntimeException e) {
            throw fault(e);
        }
    }

    @Override
    public void binary(byte[] data) {
        try {
            var _ = publishing.binary(data);
        } catch (RuntimeException e) {
            throw fault(e);
        }
    }

    private static WsFault fault(RuntimeException e) {
        Problem problem = Problems.of(e);
        int code =
                switch (problem.status()) {
                    case 413 -> CloseStatus.TOO_BIG;
                    case 500 -> CloseStatus.INTERNAL_ERROR;
                    case 503 -> CloseStatus.TRY_AGAIN_LATER;
                    default -> CloseStatus.POLICY_VIOLATION;
                };
        return new WsFault(code, problem.rule());
    }
}
