package dev.longwave.server.net;

import java.net.InetAddress;
import java.util.List;

/** Sets of IP addresses in CIDR notation: RFC 4632, section 3.1, and RFC 4291, section 2.3. */
public final class AddressRanges {

    private final List<Range> ranges;

    private record Range(InetAddress network, int bits) {

        boolean contains(InetAddress address) {
            byte[] mine = network.getAddress();
            byte[] other = address.getAddress();
            if (mine.length != other.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> bit % Byte.SIZE;
                if (((mine[bit / Byte.SIZE] ^ other[bit / Byte.SIZE]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private AddressRanges(List<Range> ranges) {
        this.ranges = List.copyOf(ranges);
    }

    /**
     * {@return the addresses that {@code texts} name}
     *
     * @param texts an IP address each, or a range such as {@code 10.0.0.0/8}
     * @throws IllegalArgumentException if one is neither
     */
    public static AddressRanges of(List<String> texts) {
        return new AddressRanges(texts.stream().map(AddressRanges::range).toList());
    }

    private static Range range(String text) {
        int slash = text.indexOf('/');
        InetAddress network = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        int length = network.getAddress().length * Byte.SIZE;
        int bits = slash < 0 ? length : Integer.parseInt(text.substring(slash + 1));
        if (bits < 0 || bits > length) {
            throw new IllegalArgumentException("the prefix is too long");
        }
        return new Range(network, bits);
    }

    /** {@return whether there are none} */
    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    /** {@return whether {@code address} is in one of them} */
    public boolean contain(InetAddress address) {
        for (Range range : ranges) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }
}
