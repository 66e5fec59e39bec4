package dev.longwave.server.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** A TLS connection. It holds no buffer while nobody reads or writes. */
final class TlsEndpoint implements Endpoint {
    /*
     * On top of a TcpEndpoint, which does the waiting: so deadlines are for bytes of the socket. One thread reads
     * while another writes, as there: `input` is for the reading thread, and `output` has a lock. The JDK's engine
     * has a lock of its own, for each wrap and each unwrap, which never waits for a client.
     *
     * A message that the client sends after the handshake may call for an answer, which the engine keeps for the
     * next write. The reading thread also writes it, so that a client which only sends cannot make the engine
     * keep any number of them. It then waits for a thread that is writing: a client that wants answers
     * has to read. Once direct writes are enabled, either nobody reads, and what the client sends stays in the
     * kernel; or a receiver does, and what the engine has to say waits while a record is half written.
     */
    private static final byte HANDSHAKE_RECORD = 0x16;
    private static final String HTTP_2 = "h2";

    private final TcpEndpoint tcp;
    private final SSLEngine engine;
    private final TlsInput input;
    private final TlsOutput output;

    private TlsEndpoint(TcpEndpoint tcp, SSLEngine engine) {
        this.tcp = tcp;
        this.engine = engine;
        this.input = new TlsInput(engine);
        this.output = new TlsOutput(engine, tcp);
    }

    /** Whether a client whose first bytes are these speaks TLS: RFC 8446, section 5.1. */
    static boolean isTls(byte[] first) {
        return first[0] == HANDSHAKE_RECORD;
    }

    /**
     * Shakes hands with a client. Blocks.
     *
     * @param engine a new one of the server's side
     * @param first what the client has sent so far
     * @param read waits for more of {@code tcp}; null at the end
     * @throws UncheckedIOException if that fails; the client has been told, if it can be
     */
    static TlsEndpoint accept(
            TcpEndpoint tcp, SSLEngine engine, byte[] first, Supplier<byte @Nullable []> read) {
        var endpoint = new TlsEndpoint(tcp, engine);
        endpoint.input.add(first);
        try {
            engine.beginHandshake();
            endpoint.handshake(read);
            return endpoint;
        } catch (DeadlineExceededException e) {
            throw e;
        } catch (UncheckedIOException e) {
            endpoint.tellFault();
            throw e;
        } catch (SSLException | RuntimeException e) { // a provider's, for what the client sent
            endpoint.tellFault();
            throw new UncheckedIOException(new SSLException("the handshake failed", e));
        }
    }

    /** What went wrong when {@link #accept} threw {@code e}. */
    static String words(UncheckedIOException e) {
        IOException cause = e.getCause();
        return String.valueOf(cause == null ? e.getMessage() : cause.getMessage());
    }

    private void handshake(Supplier<byte @Nullable []> read) {
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_WRAP -> output.flush();
                case NEED_TASK -> runTasks();
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    while (!input.hasRecord()) {
                        byte[] more = read.get();
                        if (more == null) {
                            throw new UncheckedIOException(
                                    new SSLException("the client left within the handshake"));
                        }
                        input.add(more);
                    }
                    input.handshake();
                }
                case FINISHED, NOT_HANDSHAKING -> {
                    return;
                }
            }
        }
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask();
                task != null;
                task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    /** Sends the alert that the engine has made of a fault, if it has. Does not fail. */
    private void tellFault() {
        try {
            output.flush();
        } catch (UncheckedIOException _) {
            // The client is gone.
        }
    }

    /** {@return the protocol that was agreed on in the handshake; empty for one of HTTP/1} */
    Optional<Protocol> protocol() {
        return HTTP_2.equals(engine.getApplicationProtocol())
                ? Optional.of(Protocol.HTTP_2)
                : Optional.empty();
    }

    @Override
    public byte @Nullable [] read() {
        while (true) {
            byte[] data = decrypt();
            if (data.length > 0) {
                return data;
            }
            byte[] more = input.isEnded() ? null : tcp.read();
            if (more == null) {
                return null;
            }
            input.add(more);
        }
    }

    @Override
    public void receive(Receiver receiver) {
        tcp.receive(
                new Receiver() {
                    @Override
                    public void received(byte[] bytes) {
                        input.add(bytes);
                        byte[] data = decrypt();
                        if (data.length > 0) {
                            receiver.received(data);
                        }
                        if (input.isEnded()) {
                            throw new UncheckedIOException(
                                    new SSLException("the client has ended"));
                        }
                    }

                    @Override
                    public void ended() {
                        receiver.ended();
                    }
                });
    }

    private byte[] decrypt() {
        try {
            byte[] data = input.decrypt();
            output.flush();
            return data;
        } catch (UncheckedIOException e) {
            tellFault();
            throw e;
        }
    }

    @Override
    public void write(ByteBuffer bytes) {
        output.write(bytes);
    }

    @Override
    public boolean enableDirectWrites() {
        return tcp.enableDirectWrites();
    }

    @Override
    public int tryWrite(byte[] array, int offset, int length) {
        return output.tryWrite(array, offset, length);
    }

    @Override
    public void onReset(Runnable action) {
        tcp.onReset(action);
    }

    @Override
    public int prefetch() {
        return tcp.prefetch() + output.prefetch();
    }

    @Override
    public InetSocketAddress peer() {
        return tcp.peer();
    }

    @Override
    public Optional<SSLSession> tls() {
        return Optional.of(engine.getSession());
    }

    @Override
    public void expireInput() {
        tcp.expireInput();
    }

    @Override
    public void drain(int maxBytes, Duration atMost) {
        output.end();
        tcp.drain(maxBytes, atMost);
    }

    /** Blocks for the write deadline at most, if the client does not read. */
    @Override
    public void close() {
        output.end();
        tcp.close();
    }
}
