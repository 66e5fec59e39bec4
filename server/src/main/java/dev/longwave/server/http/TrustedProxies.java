package dev.longwave.server.http;

import dev.longwave.server.net.AddressRanges;
import dev.longwave.server.net.ClientFaults;
import dev.longwave.server.net.ClientNetwork;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedCollection;
import org.jspecify.annotations.Nullable;

/**
 * The proxies in front of the server, whose headers say which client a request is from. The headers
 * of other peers are ignored. Safe for many threads.
 */
public final class TrustedProxies {
    /*
     * Each proxy adds the address that it received the request from. So the last one is what the proxy says that has
     * connected; if it is that of another trusted proxy, the one before it is what that says; and so on. The first that
     * is not a trusted proxy's is the client's. What is left of it was sent by the client, who can write anything, and
     * is not looked at.
     *
     * A proxy writes one of the two header fields, and may pass on the other as the client sent it, so only the one
     * that is configured counts. X-Forwarded-Proto has no addresses by which to go from proxy to proxy, so the last
     * element counts, which the nearest proxy wrote. A scheme is looked at only where it matters.
     */
    private static final HeaderName X_FORWARDED_PROTO = HeaderNames.create("X-Forwarded-Proto");

    private final AddressRanges all;
    private final AddressRanges proxies; // those that say for whom they send requests
    private final Field field;
    private final ClientFaults faults;

    /** In which header field a proxy says for whom it sends a request. */
    public enum Field {
        /** {@code X-Forwarded-For}, with {@code X-Forwarded-Proto}. */
        X_FORWARDED_FOR,
        /** {@code Forwarded}: RFC 7239. */
        FORWARDED,
        /**
         * In none: the client is the peer of the connection, or the one that the PROXY protocol
         * names.
         */
        NONE
    }

    /**
     * Who sent a request.
     *
     * @param address the client's, as far as it is known: else that of the proxy nearest to it
     */
    public record Client(InetAddress address) {

        /**
         * {@return the address, or for IPv6 its network of 64 bits: what clients are told apart by}
         */
        public InetAddress network() {
            return ClientNetwork.of(address);
        }
    }

    /** What the proxies say of a request: the scheme as it stands there, null if it does not. */
    private record Said(InetAddress client, @Nullable String scheme) {}

    /**
     * Believes the proxies at {@code proxies}.
     *
     * @param faults is told of proxies that make no sense
     */
    public TrustedProxies(AddressRanges proxies, Field field, ClientFaults faults) {
        this.all = proxies;
        this.proxies = field == Field.NONE ? AddressRanges.of(List.of()) : proxies;
        this.field = field;
        this.faults = faults;
    }

    /** {@return a server that believes nobody} */
    public static TrustedProxies none() {
        return new TrustedProxies(AddressRanges.of(List.of()), Field.NONE, new ClientFaults());
    }

    /**
     * {@return who sent {@code request}}
     *
     * @throws ProblemException if a trusted proxy has sent a header field that is not valid
     */
    public Client client(ServerRequest request) {
        InetSocketAddress peer = peer(request);
        return new Client(
                proxies.contain(peer.getAddress())
                        ? said(request, peer).client()
                        : peer.getAddress());
    }

    /**
     * {@return by which scheme the client sent {@code request}, {@code http} or {@code https};
     * empty if it is not known}
     *
     * @throws ProblemException if a trusted proxy has sent a header field that is not valid
     */
    public Optional<String> scheme(ServerRequest request) {
        InetSocketAddress peer = peer(request);
        if (!proxies.contain(peer.getAddress())) {
            return ownScheme(request);
        }
        @Nullable String scheme = said(request, peer).scheme();
        if (scheme == null) {
            return ownScheme(request);
        }
        return Optional.of(
                switch (scheme.toLowerCase(Locale.ROOT)) {
                    case "http", "ws" -> "http";
                    case "https", "wss" -> "https";
                    default -> throw malformed(peer, "the scheme must be http or https");
                });
    }

    private Said said(ServerRequest request, InetSocketAddress peer) {
        try {
            return switch (field) {
                case X_FORWARDED_FOR -> xForwardedFor(request, peer.getAddress());
                case FORWARDED -> forwarded(request, peer.getAddress());
                case NONE -> throw new IllegalStateException("no proxy is trusted");
            };
        } catch (ForwardedElement.MalformedException e) {
            throw malformed(peer, String.valueOf(e.getMessage()));
        }
    }

    private ProblemException malformed(InetSocketAddress peer, String words) {
        faults.note(ClientFaults.Kind.MALFORMED, peer, words);
        return Problem.malformedForwarded(words).exception();
    }

    /** {@return who sent {@code request}, for the log: the proxy if it makes no sense} */
    public SocketAddress named(ServerRequest request) {
        InetSocketAddress peer = peer(request);
        if (!proxies.contain(peer.getAddress())) {
            return peer;
        }
        try {
            return new InetSocketAddress(client(request).address(), 0);
        } catch (ProblemException _) {
            return peer;
        }
    }

    /** {@return whether the connection is that of a trusted proxy, rather than of a client} */
    public boolean isProxy(ServerRequest request) {
        return all.contain(peer(request).getAddress());
    }

    private static InetSocketAddress peer(ServerRequest request) {
        return (InetSocketAddress) request.remotePeer().address();
    }

    /** Without TLS, somebody in front of the server may have ended it. */
    private static Optional<String> ownScheme(ServerRequest request) {
        return request.isSecure() ? Optional.of("https") : Optional.empty();
    }

    private Said xForwardedFor(ServerRequest request, InetAddress peer)
            throws ForwardedElement.MalformedException {
        List<ForwardedElement> elements =
                elements(request, HeaderNames.X_FORWARDED_FOR).stream()
                        .map(node -> new ForwardedElement(node, null))
                        .toList();
        List<String> schemes = elements(request, X_FORWARDED_PROTO);
        return new Said(
                said(peer, elements).client(), schemes.isEmpty() ? null : schemes.getLast());
    }

    /** The elements of a list, which may have empty ones: RFC 9110, section 5.6.1. */
    private static List<String> elements(ServerRequest request, HeaderName name) {
        return Fields.values(request, name).stream()
                .flatMap(value -> Arrays.stream(value.split(",", -1)))
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .toList();
    }

    private Said forwarded(ServerRequest request, InetAddress peer)
            throws ForwardedElement.MalformedException {
        var elements = new ArrayList<ForwardedElement>();
        for (String value : Fields.values(request, HeaderNames.FORWARDED)) {
            elements.addAll(ForwardedElement.parse(value));
        }
        return said(peer, elements);
    }

    /** The client, by going from the nearest proxy to the first that is none. */
    private Said said(InetAddress peer, SequencedCollection<ForwardedElement> elements)
            throws ForwardedElement.MalformedException {
        InetAddress client = peer;
        @Nullable String scheme = null;
        for (ForwardedElement element : elements.reversed()) {
            if (!proxies.contain(client)) {
                break;
            }
            scheme = element.scheme();
            Optional<InetAddress> address = element.address();
            if (address.isEmpty()) {
                break;
            }
            client = address.get();
        }
        return new Said(client, scheme);
    }
}
