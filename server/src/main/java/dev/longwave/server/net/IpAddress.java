package dev.longwave.server.net;

import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads IP addresses that others have written. */
public final class IpAddress {
    /*
     * The JDK also reads 127.1, and zones of this machine's interfaces. Nobody writes them who means a client.
     */
    private static final Pattern FOUR = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern SIX = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

    private IpAddress() {}

    /**
     * {@return the address that {@code text} is, without brackets and port; empty if it is none}
     */
    public static Optional<InetAddress> of(String text) {
        Pattern form = text.indexOf(':') < 0 ? FOUR : SIX;
        if (!form.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
