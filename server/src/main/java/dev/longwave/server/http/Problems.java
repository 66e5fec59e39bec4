package dev.longwave.server.http;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.core.InvalidTopicException;
import dev.longwave.server.net.helidon.ClientGone;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Responses failures with problem documents. */
public final class Problems {

    private static final System.Logger LOGGER = System.getLogger(Problems.class.getName());

    private Problems() {}

    /** Adds the error handlers to {@code routing}. */
    public static void handle(HttpRouting.Builder routing) {
        routing.error(
                        ProblemException.class,
                        (_, response, e) -> Responses.problem(response, e.problem()))
                .error(
                        InvalidTopicException.class,
                        (_, response, e) -> Responses.problem(response, Problem.invalidTopic(e)))
                .error(
                        MessageRefusedException.class,
                        (_, response, e) -> Responses.problem(response, Problem.refused(e)))
                .error(
                        BrokerUnavailableException.class,
                        (_, response, e) ->
                                Responses.problem(response, Problem.brokerUnavailable(e)))
                .error(
                        HttpException.class,
                        (request, response, e) ->
                                Responses.problem(
                                        response,
                                        e.status().code() == Status.NOT_FOUND_404.code()
                                                ? Problem.notFound(path(request))
                                                : Problem.malformedRequest(
                                                        e.status().code(), e.getMessage())))
                .error(RuntimeException.class, (_, response, e) -> unexpected(response, e));
    }

    /** Responses that the resource is there, but not for this method. */
    public static void methodNotAllowed(ServerRequest request, ServerResponse response) {
        Responses.problem(response, Problem.methodNotAllowed(request.prologue().method().text()));
    }

    private static void unexpected(ServerResponse response, RuntimeException e) {
        if (ClientGone.isMeantBy(e)) {
            throw ClientGone.exception(e);
        }
        LOGGER.log(System.Logger.Level.ERROR, "request failed", e);
        Responses.problem(response, Problem.internal());
    }

    private static String path(ServerRequest request) {
        return request.prologue().uriPath().rawPath();
    }
}
