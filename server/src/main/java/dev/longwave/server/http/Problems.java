package dev.longwave.server.http;

import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.core.InvalidTopicException;
import dev.longwave.server.net.RequestFaultException;
import dev.longwave.server.net.helidon.ClientGone;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.function.Consumer;

/** Answers failures with problem documents. */
public final class Problems {

    private static final System.Logger LOGGER = System.getLogger(Problems.class.getName());

    private final Consumer<Problem> told;

    private Problems(Consumer<Problem> told) {
        this.told = told;
    }

    /** Adds the error handlers to {@code routing}. */
    public static void handle(HttpRouting.Builder routing) {
        handle(routing, _ -> {});
    }

    /**
     * The same.
     *
     * @param told is told of each problem that a client is answered with
     */
    public static void handle(HttpRouting.Builder routing, Consumer<Problem> told) {
        var problems = new Problems(told);
        routing.error(ProblemException.class, problems::sendKnown)
                .error(InvalidTopicException.class, problems::sendKnown)
                .error(MessageRefusedException.class, problems::sendKnown)
                .error(BrokerRefusedException.class, problems::sendKnown)
                .error(BrokerUnavailableException.class, problems::sendKnown)
                .error(
                        RequestFaultException.class,
                        (request, response, e) ->
                                problems.send(request, response, Problem.of(e.fault())))
                .error(
                        HttpException.class,
                        (request, response, e) ->
                                problems.send(
                                        request,
                                        response,
                                        e.status().code() == Status.NOT_FOUND_404.code()
                                                ? Problem.notFound(path(request))
                                                : Problem.malformedRequest(
                                                        e.status().code(), e.getMessage())))
                .error(RuntimeException.class, problems::unexpected);
    }

    /** {@return what to tell the client of a connection on which {@code e} was thrown} */
    public static Problem of(RuntimeException e) {
        return switch (e) {
            case ProblemException problem -> problem.problem();
            case InvalidTopicException topic -> Problem.invalidTopic(topic);
            case MessageRefusedException refused -> Problem.refused(refused);
            case BrokerRefusedException refused -> Problem.brokerRefused(refused);
            case BrokerUnavailableException unavailable -> Problem.brokerUnavailable(unavailable);
            default -> {
                LOGGER.log(System.Logger.Level.ERROR, "a message was not handled", e);
                yield Problem.internal();
            }
        };
    }

    private void sendKnown(ServerRequest request, ServerResponse response, RuntimeException e) {
        send(request, response, of(e));
    }

    /**
     * Sends a problem from an error handler. If the client is gone, Helidon must not learn it here:
     * it would try to send another problem, and log a warning for each. The connection's engine
     * finds out for itself.
     */
    private void send(ServerRequest request, ServerResponse response, Problem problem) {
        told.accept(problem);
        try {
            Responses.problem(request, response, problem);
        } catch (RuntimeException e) {
            if (!ClientGone.isMeantBy(e)) {
                throw e;
            }
            LOGGER.log(System.Logger.Level.TRACE, "the client is gone", e);
        }
    }

    private void unexpected(ServerRequest request, ServerResponse response, RuntimeException e) {
        if (ClientGone.isMeantBy(e)) {
            throw ClientGone.exception(e);
        }
        LOGGER.log(System.Logger.Level.ERROR, "request failed", e);
        send(request, response, Problem.internal());
    }

    private static String path(ServerRequest request) {
        return request.prologue().uriPath().rawPath();
    }
}
