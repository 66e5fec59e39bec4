package dev.longwave.server.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a proxy says of its client before it passes on the client's first byte: the PROXY protocol,
 * versions 1 and 2, as HAProxy defines it.
 *
 * @param client the client's address; empty if the proxy speaks for itself, or its client has no IP
 *     address
 * @param rest what came after it, which may be nothing
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, once
record ProxyHeader(Optional<InetSocketAddress> client, byte[] rest) {
    /*
     * Version 2 is twelve fixed bytes, version and command, family and transport, the length of what follows, and the
     * addresses, after which there may be further values that are skipped. Version 1 is a line of text. A header is
     * never guessed: a proxy that is configured to send one sends it on every connection.
     */
    private static final byte[] SIGNATURE_2 = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a");
    private static final byte[] SIGNATURE_1 = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final int FIXED_BYTES_2 = 16;
    private static final int LENGTH_AT_2 = 14;
    private static final int MAX_BYTES_1 = 107;
    private static final int MAX_BYTES_2 =
            4 << 10; // addresses take 36; the rest is for a proxy's values

    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;

    /** The bytes are no such header, or one that must not be sent. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message);
        }
    }

    /**
     * Waits for a header.
     *
     * @param read waits for bytes; null at their end
     * @return empty if the proxy closed the connection without sending anything, as health checks
     *     do
     * @throws MalformedException if what arrives is not a header
     */
    static Optional<ProxyHeader> read(Supplier<byte @Nullable []> read) throws MalformedException {
        byte[] seen = {};
        while (true) {
            byte[] more = read.get();
            if (more == null) {
                if (seen.length == 0) {
                    return Optional.empty();
                }
                throw new MalformedException("the connection ended within the header");
            }
            int before = seen.length;
            seen = Arrays.copyOf(seen, before + more.length);
            System.arraycopy(more, 0, seen, before, more.length);
            Optional<ProxyHeader> header = of(seen);
            if (header.isPresent()) {
                return header;
            }
        }
    }

    /** The header that {@code seen} begins with; empty if it is not complete. */
    private static Optional<ProxyHeader> of(byte[] seen) throws MalformedException {
        if (beginsLike(SIGNATURE_2, seen)) {
            return version2(seen);
        }
        if (beginsLike(SIGNATURE_1, seen)) {
            return version1(seen);
        }
        throw new MalformedException("the proxy sent no header");
    }

    private static boolean beginsLike(byte[] signature, byte[] seen) {
        int compared = Math.min(signature.length, seen.length);
        return Arrays.equals(signature, 0, compared, seen, 0, compared);
    }

    private static Optional<ProxyHeader> version2(byte[] seen) throws MalformedException {
        if (seen.length < FIXED_BYTES_2) {
            return Optional.empty();
        }
        int command = seen[SIGNATURE_2.length] & 0xff;
        if (command != LOCAL && command != PROXY) {
            throw new MalformedException(
                    "unknown version or command value=0x%02x".formatted(command));
        }
        int length = ByteBuffer.wrap(seen).getShort(LENGTH_AT_2) & 0xffff;
        int end = FIXED_BYTES_2 + length;
        if (end > MAX_BYTES_2) {
            throw new MalformedException("too long length=%d max=%d".formatted(end, MAX_BYTES_2));
        }
        if (seen.length < end) {
            return Optional.empty();
        }
        int family = seen[SIGNATURE_2.length + 1] & 0xff;
        byte[] rest = Arrays.copyOfRange(seen, end, seen.length);
        return Optional.of(
                new ProxyHeader(
                        command == LOCAL ? Optional.empty() : client2(family, seen, length), rest));
    }

    private static Optional<InetSocketAddress> client2(int family, byte[] seen, int length)
            throws MalformedException {
        return switch (family) {
            case 0x11 -> Optional.of(address2(seen, length, 4));
            case 0x21 -> Optional.of(address2(seen, length, 16));
            case 0x00, 0x12, 0x22, 0x31, 0x32 -> Optional.empty(); // none, datagrams, UNIX sockets
            default ->
                    throw new MalformedException(
                            "unknown family or transport value=0x%02x".formatted(family));
        };
    }

    /** Two addresses, the client's and the proxy's, and then two ports. */
    private static InetSocketAddress address2(byte[] seen, int length, int addressBytes)
            throws MalformedException {
        if (length < 2 * addressBytes + 4) {
            throw new MalformedException("too short for its addresses length=" + length);
        }
        byte[] address = Arrays.copyOfRange(seen, FIXED_BYTES_2, FIXED_BYTES_2 + addressBytes);
        int port = ByteBuffer.wrap(seen).getShort(FIXED_BYTES_2 + 2 * addressBytes) & 0xffff;
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of this length is valid", e);
        }
    }

    private static Optional<ProxyHeader> version1(byte[] seen) throws MalformedException {
        int end = lineEnd(seen);
        if (end < 0) {
            if (seen.length >= MAX_BYTES_1) {
                throw new MalformedException("the line is too long max=" + MAX_BYTES_1);
            }
            return Optional.empty();
        }
        String[] words = new String(seen, 0, end, StandardCharsets.ISO_8859_1).split(" ", -1);
        byte[] rest = Arrays.copyOfRange(seen, end + 2, seen.length);
        return Optional.of(new ProxyHeader(client1(words), rest));
    }

    private static int lineEnd(byte[] seen) {
        for (int i = 0; i + 1 < Math.min(seen.length, MAX_BYTES_1); i++) {
            if (seen[i] == '\r' && seen[i + 1] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static Optional<InetSocketAddress> client1(String[] words) throws MalformedException {
        if (words[1].equals("UNKNOWN")) {
            return Optional.empty(); // whatever follows: it says nothing
        }
        boolean four = words[1].equals("TCP4");
        if (words.length != 6 || !(four || words[1].equals("TCP6"))) {
            throw new MalformedException("the line is not one of this protocol");
        }
        InetAddress client =
                IpAddress.of(words[2])
                        .filter(_ -> words[2].indexOf(':') < 0 == four)
                        .orElseThrow(
                                () -> new MalformedException("the client's address is not valid"));
        return Optional.of(new InetSocketAddress(client, port(words[4])));
    }

    private static int port(String text) throws MalformedException {
        if (text.matches("[0-9]{1,5}")) {
            int port = Integer.parseInt(text);
            if (port <= 0xffff) {
                return port;
            }
        }
        throw new MalformedException("the client's port is not valid");
    }
}
