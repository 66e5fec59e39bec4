package dev.longwave.server.centrifuge;

import dev.longwave.broker.Settings;

/**
 * Settings of the Centrifuge protocol.
 *
 * @param maxChannels the maximum number of topics of one connection
 * @param maxMessageBytes the maximum size of what a client sends at once
 */
public record CentrifugeSettings(int maxChannels, int maxMessageBytes) {

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    /** Reads the section {@code centrifuge}. */
    public static CentrifugeSettings read(Settings settings) {
        Settings section = settings.section("centrifuge");
        return new CentrifugeSettings(
                (int)
                        section.number(
                                "max-channels",
                                128,
                                1,
                                10_000,
                                "The maximum number of topics of one connection of the Centrifuge"
                                        + " protocol."),
                (int)
                        section.size(
                                "max-message",
                                256 * KIB,
                                4 * KIB,
                                64 * MIB,
                                "The maximum size of what a client of the Centrifuge protocol sends"
                                        + " at once: all commands of one frame or request."));
    }
}
