package dev.longwave.server.http;

import dev.longwave.server.net.ClientFaults;
import dev.longwave.server.net.MemoryBudget;
import io.helidon.webserver.http.ServerRequest;
import java.net.SocketAddress;

/**
 * The memory for all requests that are being received, and for all responses that wait for their
 * clients. A client that would take more is told to try again. Safe for many threads.
 */
public final class Memory {

    private final MemoryBudget requests;
    private final MemoryBudget responses;
    private final ClientFaults faults;
    private final TrustedProxies proxies;

    /**
     * @param faults is told of each request that is refused
     * @param proxies to find the client that sent it
     */
    public Memory(
            MemoryBudget requests,
            MemoryBudget responses,
            ClientFaults faults,
            TrustedProxies proxies) {
        this.requests = requests;
        this.responses = responses;
        this.faults = faults;
        this.proxies = proxies;
    }

    /** As above, without proxies. */
    public Memory(MemoryBudget requests, MemoryBudget responses, ClientFaults faults) {
        this(requests, responses, faults, TrustedProxies.none());
    }

    /** {@return an empty allowance for what {@code request} sends} */
    public Allowance forRequest(ServerRequest request) {
        return new Allowance(
                requests.share(),
                () -> refused(request, Problem.shortOfMemory("request-bytes", requests.max())));
    }

    /** {@return an empty allowance for what {@code client} sends on a connection of its own} */
    public Allowance forConnection(SocketAddress client) {
        Problem problem = Problem.shortOfMemory("request-bytes", requests.max());
        return new Allowance(
                requests.share(),
                () -> {
                    faults.note(ClientFaults.Kind.OVER_BUDGET, client, problem.detail());
                    return problem.exception();
                });
    }

    /** {@return an empty allowance for the response to {@code request}} */
    public Allowance forResponse(ServerRequest request) {
        return new Allowance(
                responses.share(),
                () -> refused(request, Problem.shortOfMemory("response-bytes", responses.max())));
    }

    private ProblemException refused(ServerRequest request, Problem problem) {
        faults.note(ClientFaults.Kind.OVER_BUDGET, proxies.named(request), problem.detail());
        return problem.exception();
    }
}
