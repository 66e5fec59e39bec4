package dev.longwave.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The CPU time of the whole machine, in hundredths of a second: whoever else was busy disturbed.
 *
 * @param processTicks what all processes used
 * @param stolenTicks what other virtual machines took from this one
 */
record MachineTime(long processTicks, long stolenTicks) {
    private static final int USER_FIELD = 1;
    private static final int SYSTEM_FIELD = 3;
    private static final int STEAL_FIELD = 8;

    static MachineTime now() {
        try {
            String first = Files.readAllLines(Path.of("/proc/stat")).getFirst();
            String[] fields = first.split(" +", -1);
            long processes = 0;
            for (int i = USER_FIELD; i <= SYSTEM_FIELD; i++) {
                processes += Long.parseLong(fields[i]);
            }
            return new MachineTime(processes, Long.parseLong(fields[STEAL_FIELD]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    MachineTime since(MachineTime earlier) {
        return new MachineTime(
                processTicks - earlier.processTicks, stolenTicks - earlier.stolenTicks);
    }
}
