package dev.longwave.server.net;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** One client's connection, from its first byte to its end. */
final class Connection {
    /*
     * One thread at a time works for it; the other methods may be called by any. It goes on on another
     * thread where a client turns out to send requests all the time, on a platform thread; and where a
     * handler takes it over, on a fresh virtual thread: the JVM keeps as much memory for a parked thread as
     * its stack has ever needed, and that one's has never been deep.
     *
     * `engine` is null until the protocol is known, and again once the connection was taken over: then
     * nothing may hold on to the engine. So is `reads`, as nothing is read from then on.
     *
     * `client` is the other end of the TCP connection, until a trusted proxy there has said whose connection it passes
     * on. That address is then counted too, in `counted`; if it has too many already, the connection gives its own
     * place back at once, and is one of the few that are told so at a time. Otherwise a client behind a proxy could
     * take the places of all others with connections that are refused slowly.
     *
     * `endpoint` is `tcp`, or TLS on top of it once both sides have shaken hands. Other threads end the
     * connection by `tcp`: saying farewell over TLS could make them wait.
     */
    private static final System.Logger LOGGER = System.getLogger(Connection.class.getName());

    private static final int MAX_DISCARDED_BYTES = 64 << 10;
    private static final Duration MAX_DISCARDING = Duration.ofSeconds(1);

    private interface Work {
        /** Whether the connection is at its end, rather than going on on another thread. */
        boolean run() throws InterruptedException;
    }

    private final TcpEndpoint tcp;
    private final Listener listener;
    private final WatchedInput input = new WatchedInput();
    private volatile InetSocketAddress client;
    private volatile Endpoint endpoint;
    private volatile Deadlines.@Nullable Wait reads;
    private volatile @Nullable Thread thread;
    private volatile @Nullable Engine engine;
    private volatile boolean handedOver;
    private volatile boolean closing;
    private Runnable ended; // for the connection's thread, one at a time
    private @Nullable InetAddress counted; // likewise
    private ConnectionCounts.@Nullable Kind kind; // likewise
    private Optional<ConnectionLimits.Exceeded> exceeded = Optional.empty(); // likewise

    /**
     * @param ended is called once: at its end, or as soon as it turns out to be one too many
     */
    Connection(TcpEndpoint tcp, InetSocketAddress client, Listener listener, Runnable ended) {
        this.tcp = tcp;
        this.endpoint = tcp;
        this.client = client;
        this.listener = listener;
        this.ended = ended;
    }

    /** Serves the connection to its end, or until it goes on on another thread. */
    void serve() {
        begin(detected ->
                exceeded.isPresent()
                        ? refuse(detected, exceeded.get())
                        : serve(
                                listener.engines()
                                        .engine(
                                                detected.protocol(),
                                                endpoint,
                                                detected.first(),
                                                input,
                                                listener.platformThreads())));
    }

    /** Tells the client that its connection is one too many, and ends it. */
    void refuse(ConnectionLimits.Exceeded limit) {
        begin(detected -> refuse(detected, limit));
    }

    private boolean refuse(ProtocolDetector.Detected detected, ConnectionLimits.Exceeded limit) {
        endpoint.write(Refusal.of(detected.protocol(), limit));
        endpoint.drain(MAX_DISCARDED_BYTES, MAX_DISCARDING);
        return true;
    }

    private interface Begun {
        /** Whether the connection is at its end. */
        boolean goOn(ProtocolDetector.Detected detected) throws InterruptedException;
    }

    private void begin(Begun begun) {
        reads = listener.deadlines().wait(this::readLimitNanos, this::readExpired);
        work(() -> {
            if (listener.expectsProxyHeader(client.getAddress()) && !readProxyHeader()) {
                return true;
            }
            Tls tls = listener.tls();
            Protocol agreed = null;
            if (tls != null) {
                Optional<TlsEndpoint> secured = secure(tls);
                if (secured.isEmpty()) {
                    return true;
                }
                endpoint = secured.get();
                agreed = secured.get().protocol().orElse(null);
            }
            Optional<ProtocolDetector.Detected> detected =
                    ProtocolDetector.detect(input::read, agreed);
            if (detected.isEmpty()) {
                return true;
            }
            input.progress();
            ConnectionCounts.Kind known =
                    listener.counts().of(detected.get().protocol(), tls != null);
            kind = known;
            known.opened();
            return begun.goOn(detected.get());
        });
    }

    /** Learns from a proxy whose connection it passes on; whether the connection goes on. */
    private boolean readProxyHeader() {
        Optional<ProxyHeader> header;
        try {
            header = ProxyHeader.read(() -> input.readFrom(tcp));
        } catch (ProxyHeader.MalformedException e) {
            listener.faults()
                    .note(ClientFaults.Kind.PROXY_HEADER, client, String.valueOf(e.getMessage()));
            return false;
        }
        header.ifPresent(present -> {
            input.pushBack(present.rest());
            input.progress();
            present.client().ifPresent(this::passedOnFor);
        });
        return header.isPresent() && (exceeded.isEmpty() || givesItsPlaceBack());
    }

    /** Whether there is room to tell the client that its connection is one too many. */
    private boolean givesItsPlaceBack() {
        Semaphore refusals = listener.refusals();
        if (!refusals.tryAcquire()) {
            return false;
        }
        ended.run();
        ended = refusals::release;
        return true;
    }

    private void passedOnFor(InetSocketAddress behindProxy) {
        client = behindProxy;
        tcp.passedOnFor(behindProxy);
        InetAddress address = behindProxy.getAddress();
        exceeded = listener.limits().admitClient(address);
        if (exceeded.isPresent()) {
            listener.faults()
                    .note(ClientFaults.Kind.REFUSED_CONNECTION, client, exceeded.get().words());
        } else {
            counted = address;
        }
    }

    /** Shakes hands; empty if the client leaves, or is refused as it does not speak TLS. */
    private Optional<TlsEndpoint> secure(Tls tls) {
        byte[] first = input.readFrom(tcp);
        if (first == null) {
            return Optional.empty();
        }
        if (!TlsEndpoint.isTls(first)) {
            listener.faults().note(ClientFaults.Kind.HANDSHAKE, client, "the client sent no TLS");
            if (Refusal.isHttp(first)) {
                tcp.write(Refusal.NOT_ENCRYPTED.http1Response(true));
                tcp.drain(MAX_DISCARDED_BYTES, MAX_DISCARDING);
            }
            return Optional.empty();
        }
        try {
            TlsEndpoint secured =
                    TlsEndpoint.accept(tcp, tls.engine(), first, () -> input.readFrom(tcp));
            input.progress();
            return Optional.of(secured);
        } catch (DeadlineExceededException e) {
            throw e; // which was noted
        } catch (UncheckedIOException e) {
            listener.faults().note(ClientFaults.Kind.HANDSHAKE, client, TlsEndpoint.words(e));
            tcp.drain(MAX_DISCARDED_BYTES, MAX_DISCARDING);
            throw e;
        }
    }

    private boolean serve(Engine serving) throws InterruptedException {
        engine = serving;
        if (closing) { // asked of the engine before this one
            return true;
        }
        return switch (serving.serve()) {
            case Engine.Outcome.Ended _ -> true;
            case Engine.Outcome.Busy _ -> {
                if (!listener.platformThreads().start(() -> work(() -> serve(serving)))) {
                    listener.start(() -> work(() -> serve(serving)));
                }
                yield false;
            }
            case Engine.Outcome.HandedOver(Runnable response) -> {
                handedOver = true;
                engine = null;
                endReads();
                listener.start(() -> respond(response));
                yield false;
            }
        };
    }

    /** Writes the response of the handler that took the connection over, to its end. */
    private void respond(Runnable response) {
        work(() -> {
            response.run();
            return true;
        });
    }

    /** The endpoint's input, under the read deadline. For the connection's thread. */
    private final class WatchedInput implements Input {
        private int bytesSinceProgress;
        private byte @Nullable [] pushedBack; // one byte or more

        private Deadlines.Wait present() {
            Deadlines.Wait wait = reads;
            if (wait == null) {
                throw new IllegalStateException("the connection was handed over");
            }
            return wait;
        }

        @Override
        public byte @Nullable [] read() {
            return readFrom(endpoint);
        }

        /** Has the next read return {@code bytes}, if there are any. */
        void pushBack(byte[] bytes) {
            pushedBack = bytes.length == 0 ? null : bytes;
        }

        byte @Nullable [] readFrom(Endpoint source) {
            byte[] first = pushedBack;
            if (first != null) {
                pushedBack = null;
                return first;
            }
            Deadlines.Wait wait = present();
            wait.begin();
            try {
                return source.read();
            } finally {
                wait.end();
            }
        }

        @Override
        public void progress() {
            bytesSinceProgress = 0;
            present().progress();
        }

        @Override
        public void progress(int bytes) {
            bytesSinceProgress += bytes;
            if (bytesSinceProgress >= listener.deadlines().limits().readBytes()) {
                progress();
            }
        }
    }

    private long readLimitNanos() {
        Deadlines.Limits limits = listener.deadlines().limits();
        Engine present = engine;
        return (present == null ? limits.read() : present.readLimit(limits)).toNanos();
    }

    private void readExpired() {
        Engine present = engine;
        if (present == null || !present.isIdle()) {
            listener.faults().note(ClientFaults.Kind.TOO_SLOW, client, "a request did not arrive");
            tcp.expireInput();
            return;
        }
        listener.start(() -> {
            present.finish();
            present.awaitWritten();
            endpoint.close();
        });
    }

    private void endReads() {
        Deadlines.Wait wait = reads;
        if (wait != null) {
            wait.close();
            reads = null;
        }
    }

    private void work(Work work) {
        thread = Thread.currentThread();
        boolean ended = true;
        try {
            ended = work.run();
        } catch (InterruptedException _) {
            // Closed.
        } catch (UncheckedIOException e) {
            LOGGER.log(System.Logger.Level.TRACE, "connection ended", e);
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.WARNING, "connection failed", e);
        }
        if (ended) {
            end();
        }
    }

    private void end() {
        Engine last = engine;
        if (last != null) {
            last.awaitWritten();
        }
        endReads();
        endpoint.close();
        ended.run();
        if (kind != null) {
            kind.closed();
        }
        InetAddress address = counted;
        if (address != null) {
            listener.limits().releaseClient(address);
        }
        listener.ended(this);
    }

    /** Has it end after the request that it is at, or now if there is none. */
    void finish() {
        closing = true;
        Engine current = engine;
        if (current != null) {
            current.finish();
        } else if (!handedOver) {
            tcp.close();
        }
    }

    /** Ends it now. */
    void cut() {
        closing = true;
        Thread worker = thread;
        if (worker != null) {
            worker.interrupt();
        }
        tcp.close();
    }
}
