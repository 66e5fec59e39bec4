package dev.longwave.server.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Tells clients apart by their address. */
public final class ClientNetwork {
    /*
     * Of an IPv6 address only the network counts, its first 64 bits: a client can choose the others as it
     * likes (RFC 4291, section 2.5.4).
     */
    private static final int NETWORK_BYTES = 8;

    private ClientNetwork() {}

    /** {@return the address itself for IPv4, and the network of 64 bits that has it for IPv6} */
    public static InetAddress of(InetAddress client) {
        if (!(client instanceof Inet6Address)) {
            return client;
        }
        byte[] address = client.getAddress();
        Arrays.fill(address, NETWORK_BYTES, address.length, (byte) 0);
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of this length is valid", e);
        }
    }
}
