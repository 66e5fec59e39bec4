package dev.longwave.server.ops;

import dev.longwave.server.http.LoopbackNames;
import dev.longwave.server.net.ClientFaults;
import io.helidon.webserver.http.Handler;
import org.jspecify.annotations.Nullable;

/**
 * Which requests the admin listener answers.
 *
 * @param loopbackNamesOnly whether it answers under loopback names only
 * @param password what all requests but those for health need; null if they need none
 * @param faults is told of those that are refused
 */
public record AdminAccess(
        boolean loopbackNamesOnly, @Nullable AdminPassword password, ClientFaults faults) {

    /** {@return a handler that lets only those requests through to {@code all} that may} */
    Handler forAnyone(Handler all) {
        return loopbackNamesOnly ? new LoopbackNames(all, faults) : all;
    }

    /** {@return a handler that lets only those of operators through to {@code handler}} */
    Handler forOperators(Handler handler) {
        return password == null ? handler : new OperatorSignIn(handler, password, faults);
    }
}
