package dev.longwave.cli;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** The signal SIGHUP, with which operators tell a server to read its configuration again. */
final class Hangup {
    /*
     * The JDK has no public API for signals, and has sun.misc.Signal for those who need one. It is called by reflection,
     * as the compiler warns of it, and a JDK without it must do.
     */
    private static final String NAME = "HUP";

    private Hangup() {}

    /**
     * Has {@code action} run at each signal, on a thread of its own.
     *
     * @return whether that works here: Windows has no such signal, and java -Xrs leaves it alone
     */
    static boolean handle(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            MethodHandle run =
                    MethodHandles.dropArguments(
                            MethodHandles.lookup()
                                    .bind(action, "run", MethodType.methodType(void.class)),
                            0,
                            signal);
            var _ =
                    signal.getMethod("handle", signal, handler)
                            .invoke(
                                    null,
                                    signal.getConstructor(String.class).newInstance(NAME),
                                    MethodHandleProxies.asInterfaceInstance(handler, run));
            return true;
        } catch (ReflectiveOperationException | IllegalArgumentException _) {
            return false;
        }
    }
}
