package dev.longwave.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The CPU time that processes used.
 *
 * @param nanos user and system together, exact
 * @param userTicks in user mode, in hundredths of a second
 * @param systemTicks in the kernel, likewise
 */
record CpuTime(long nanos, long userTicks, long systemTicks) {
    /*
     * /proc/PID/stat counts in ticks of 10 ms, a few percent of what a run at a low rate takes. The
     * kernel keeps nanoseconds, and clock_gettime() tells those of any process: the clock's number
     * is made of the process's, as clock_getcpuclockid(3) does it.
     */
    @SuppressWarnings("restricted") // native access is what this is for; the caller enables it
    private static final MethodHandle CLOCK_GETTIME =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("clock_gettime"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS));

    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int USER_FIELD = 11; // after the command's closing bracket, from 0
    private static final int SYSTEM_FIELD = 12;

    static CpuTime of(List<Long> pids) {
        long nanos = 0;
        long user = 0;
        long system = 0;
        for (long pid : pids) {
            nanos += nanos(pid);
            String[] fields = stat(pid);
            user += Long.parseLong(fields[USER_FIELD]);
            system += Long.parseLong(fields[SYSTEM_FIELD]);
        }
        return new CpuTime(nanos, user, system);
    }

    /** {@return what was used since {@code earlier}} */
    CpuTime since(CpuTime earlier) {
        return new CpuTime(
                nanos - earlier.nanos,
                userTicks - earlier.userTicks,
                systemTicks - earlier.systemTicks);
    }

    /** {@return the share spent in user mode} */
    double userShare() {
        return userTicks + systemTicks == 0 ? 0 : (double) userTicks / (userTicks + systemTicks);
    }

    private static long nanos(long pid) {
        int clock = (int) ((~pid << 3) | 2);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(ValueLayout.JAVA_LONG, 2);
            int result = (int) CLOCK_GETTIME.invokeExact(clock, time);
            if (result != 0) {
                throw new IllegalStateException("no CPU clock pid=" + pid);
            }
            return time.getAtIndex(ValueLayout.JAVA_LONG, 0) * NANOS_PER_SECOND
                    + time.getAtIndex(ValueLayout.JAVA_LONG, 1);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static String[] stat(long pid) {
        try {
            String text = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
