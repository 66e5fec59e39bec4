package dev.longwave.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The CPU time of the whole machine, in hundredths of a second. It shows how busy other processes
 * were.
 *
 * @param processTicks what all processes used, interrupts included
 * @param stolenTicks what other virtual machines took from this one
 */
record MachineTime(long processTicks, long stolenTicks) {
    // user, nice, system, irq, softirq: the kernel charges interrupts to the interrupted process.
    private static final int[] BUSY_FIELDS = {1, 2, 3, 6, 7};
    private static final int STEAL_FIELD = 8;

    static MachineTime now() {
        try {
            String first = Files.readAllLines(Path.of("/proc/stat")).getFirst();
            String[] fields = first.split(" +", -1);
            long processes = 0;
            for (int field : BUSY_FIELDS) {
                processes += Long.parseLong(fields[field]);
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
