package dev.longwave.cli;

import java.time.Duration;
import java.time.Instant;

/** Compares the server's clock with that of this machine. */
final class ClockCheck {

    /** What Longwave allows between the clocks of a token's issuer and its own. */
    private static final Duration TOLERANCE = Duration.ofSeconds(30);

    private ClockCheck() {}

    /**
     * Compares two clocks.
     *
     * @param server what the server's said
     * @param here what this machine's said when that arrived
     */
    static void run(Instant server, Instant here, DoctorReport report) {
        Duration skew = Duration.between(here, server);
        String text =
                "the server's clock is %s %s that of this machine"
                        .formatted(
                                Seconds.of(skew.abs()), skew.isNegative() ? "behind" : "ahead of");
        if (skew.abs().compareTo(TOLERANCE) > 0) {
            report.found(
                    "clock-skew",
                    text + ": tokens expire too early or too late",
                    "run a time service (NTP) on both machines");
        } else {
            report.passed("clock", text);
        }
    }
}
