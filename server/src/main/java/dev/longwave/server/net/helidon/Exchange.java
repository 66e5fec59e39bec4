package dev.longwave.server.net.helidon;

import dev.longwave.server.net.LoggedRequest;
import dev.longwave.server.net.Protocol;
import dev.longwave.server.net.ResponseStream;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What a handler can do with the connection that its request came by. For the handler's thread. */
public final class Exchange {

    private final ServerRequest request;

    private Exchange(ServerRequest request) {
        this.request = request;
    }

    /** {@return the exchange that {@code request} began} */
    public static Exchange of(ServerRequest request) {
        return new Exchange(request);
    }

    /**
     * Says whether the client may pause within its request's body, for as long as one that has no
     * request under way, because it sends what it has when it has it. A handler that allows it must
     * take that back in the end.
     */
    public void allowPauses(boolean allowed) {
        EngineContext.of(request).allowPauses(request.id(), allowed);
    }

    /**
     * {@return the request's body, as it arrives; empty if there is none}
     *
     * <p>To be closed by the caller, at its end. It throws a {@link
     * dev.longwave.server.net.RequestFaultException} where it is faulty, and what {@link
     * ClientGone} knows if the client leaves.
     */
    public InputStream body() {
        RequestReader http1 = http1();
        if (http1 != null) {
            return http1.body();
        }
        return request.content().hasEntity()
                ? request.content().inputStream()
                : InputStream.nullInputStream();
    }

    /**
     * Has the thread that reads the body stop: {@link #body()} throws a {@link
     * dev.longwave.server.net.RequestFaultException} from now on. The connection ends after the
     * answer, if the client has not sent all of the request. Any thread; does not block.
     */
    public void stopBody() {
        RequestReader http1 = http1();
        if (http1 != null) {
            http1.stopBody();
        } else if (request.listenerContext() instanceof EngineContext connection) {
            connection.shared().stopBody(request.id());
        }
    }

    /** {@return whether the client understands an answer that begins before its request ends} */
    public boolean canAnswerEarly() {
        RequestReader http1 = http1();
        return http1 == null || http1.understandsChunks();
    }

    /**
     * Says that the answer begins while the body is still to be read, and so cannot say whether the
     * connection will end with it.
     */
    public void answerEarly() {
        RequestReader http1 = http1();
        if (http1 != null) {
            http1.answerEarly();
        }
    }

    /** {@return how long the client says that the body is; empty if it does not say} */
    public OptionalLong announcedLength() {
        RequestReader http1 = http1();
        return http1 == null ? request.headers().contentLength() : http1.announcedLength();
    }

    /** {@return the version of HTTP by which the request came: {@code HTTP/1.0} and so on} */
    public String protocol() {
        RequestReader http1 = http1();
        if (http1 == null) {
            return "HTTP/2";
        }
        return http1.understandsChunks() ? "HTTP/1.1" : "HTTP/1.0";
    }

    /** {@return whether the request is a CONNECT that asks for WebSocket: RFC 8441, section 4} */
    public boolean isExtendedConnect() {
        return request.listenerContext() instanceof EngineContext connection
                && connection.requests() == null
                && connection.shared().stream(request.id()).isToWebSocket();
    }

    /** What reads the request, unless it came by HTTP/2, or in a test without a connection. */
    private @Nullable RequestReader http1() {
        return request.listenerContext() instanceof EngineContext connection
                ? connection.requests()
                : null;
    }

    /**
     * Takes the response over, to be written to an endpoint. Its headers, except those of the
     * framing, must be set; its status is 200, or 101 to go on with another protocol.
     */
    public ResponseStream takeOver(ServerResponse response) {
        ResponseStream stream = response.sink(TakenResponse.TYPE).stream();
        Optional<LoggedRequest> logged = request.context().get(LoggedRequest.class);
        if (logged.isEmpty() || request.prologue().method().equals(Method.HEAD)) {
            return stream;
        }
        logged.get().noteStream();
        return stream.to(logged.get());
    }

    /**
     * Asks the client to send its next requests on another connection, and perhaps to another node.
     * Before the response is sent.
     */
    public void sendElsewhere(ServerResponse response) {
        if (request.listenerContext() instanceof EngineContext connection) {
            if (connection.protocol() == Protocol.HTTP_2) {
                connection.shared().goAway();
            } else {
                response.header(HeaderValues.CONNECTION_CLOSE);
            }
        }
    }
}
