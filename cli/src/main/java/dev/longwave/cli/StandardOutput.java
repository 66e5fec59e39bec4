package dev.longwave.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Standard output, asked of the operating system: poll(2) and isatty(3). */
final class StandardOutput implements OutputDevice {
    /*
     * The JDK learns that nobody reads a pipe from a write that fails, and an event may come much later. poll() with no
     * events returns when there is an error or a hang-up, which is what that is: POLLERR on Linux, POLLHUP elsewhere.
     *
     * struct pollfd { int fd; short events; short revents; }; nfds_t is an unsigned long on Linux and an unsigned int
     * on macOS and the BSDs, where the upper half of the register is not looked at.
     */
    private static final int DESCRIPTOR = 1;
    private static final int REVENTS_OFFSET = 6;
    private static final int POLLFD_BYTES = 8;
    private static final int POLLERR = 0x8;
    private static final int POLLHUP = 0x10;
    private static final int FOR_EVER = -1;

    private final MethodHandle poll;
    private final MethodHandle isATerminal;

    private StandardOutput(MethodHandle poll, MethodHandle isATerminal) {
        this.poll = poll;
        this.isATerminal = isATerminal;
    }

    /** {@return standard output, or an unknown device where the system has no such calls} */
    static OutputDevice open() {
        try {
            Linker linker = Linker.nativeLinker();
            return new StandardOutput(
                    handle(
                            linker,
                            "poll",
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT)),
                    handle(
                            linker,
                            "isatty",
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)));
        } catch (RuntimeException _) { // no such function, or native access is denied
            return UNKNOWN;
        }
    }

    @SuppressWarnings("restricted") // the launcher allows native access
    private static MethodHandle handle(Linker linker, String name, FunctionDescriptor type) {
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }

    @Override
    public boolean isTerminal() {
        try {
            return (int) isATerminal.invokeExact(DESCRIPTOR) == 1;
        } catch (Throwable e) {
            throw new IllegalStateException("isatty cannot be called", e);
        }
    }

    @Override
    public boolean isClosed() {
        return poll(0);
    }

    @Override
    public void onClosed(Runnable action) {
        Thread.ofPlatform()
                .daemon()
                .name("output")
                .start(() -> {
                    if (poll(FOR_EVER)) {
                        action.run();
                    }
                });
    }

    private boolean poll(int timeoutMillis) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment descriptor = arena.allocate(POLLFD_BYTES, Integer.BYTES);
            descriptor.set(ValueLayout.JAVA_INT, 0, DESCRIPTOR);
            int count = (int) poll.invokeExact(descriptor, 1L, timeoutMillis);
            short found = descriptor.get(ValueLayout.JAVA_SHORT, REVENTS_OFFSET);
            return count > 0 && (found & (POLLERR | POLLHUP)) != 0;
        } catch (Throwable e) {
            throw new IllegalStateException("poll cannot be called", e);
        }
    }
}
