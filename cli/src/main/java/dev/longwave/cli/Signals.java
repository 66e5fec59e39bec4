package dev.longwave.cli;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** The signals with which operators tell a process what to do. */
final class Signals {
    /*
     * The JDK has no public API for signals, only sun.misc.Signal. It is called by reflection, because the compiler
     * warns about it, and so that a JDK without it only lacks the signals.
     */
    /** Tells a server to read its configuration again. */
    static final String HANGUP = "HUP";

    /** Tells a server to stop. */
    static final String TERMINATE = "TERM";

    private Signals() {}

    /**
     * Runs {@code action} at each signal {@code name}, on a thread of its own, in place of what the
     * JVM does.
     *
     * @return whether that works here: Windows lacks some signals, and java -Xrs leaves them alone
     */
    static boolean handle(String name, Runnable action) {
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
                                    signal.getConstructor(String.class).newInstance(name),
                                    MethodHandleProxies.asInterfaceInstance(handler, run));
            return true;
        } catch (ReflectiveOperationException | IllegalArgumentException _) {
            return false;
        }
    }
}
