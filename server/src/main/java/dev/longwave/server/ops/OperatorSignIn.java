package dev.longwave.server.ops;

import dev.longwave.server.http.Fields;
import dev.longwave.server.http.Problem;
import dev.longwave.server.net.ClientFaults;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;

/** Lets only requests through that have the password of the admin listener. */
final class OperatorSignIn implements Handler {

    private final Handler next;
    private final AdminPassword password;
    private final ClientFaults faults;

    /** Whose request this is: stands in the context of each that had the password. */
    private enum Caller {
        OPERATOR
    }

    /**
     * @param next handles what is let through
     * @param faults is told of each wrong password
     */
    OperatorSignIn(Handler next, AdminPassword password, ClientFaults faults) {
        this.next = next;
        this.password = password;
        this.faults = faults;
    }

    /** {@return whether {@code request} had the password} */
    static boolean isDone(ServerRequest request) {
        return request.context().get(Caller.class).isPresent();
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws Exception {
        List<String> values = Fields.values(request, HeaderNames.AUTHORIZATION);
        if (values.size() != 1 || !password.isIn(values.getFirst())) {
            if (!values.isEmpty()) {
                faults.note(
                        ClientFaults.Kind.WRONG_PASSWORD,
                        request.remotePeer().address(),
                        "a wrong password for the admin listener");
            }
            throw Problem.adminPassword().exception();
        }
        request.context().register(Caller.OPERATOR);
        next.handle(request, response);
    }
}
