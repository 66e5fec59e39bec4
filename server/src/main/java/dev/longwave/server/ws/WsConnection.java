package dev.longwave.server.ws;

import dev.longwave.core.CloseReason;
import dev.longwave.core.Outbox;
import dev.longwave.server.http.Allowance;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.net.Deadlines;
import dev.longwave.server.net.Receiver;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The receiving side of one WebSocket: hands on its messages, and does what every WebSocket must do
 * with control frames. It never writes: what it has to say goes by the outbox, whose owner writes.
 */
public final class WsConnection implements Receiver {
    /*
     * received() and ended() are called by one thread at a time; so are the messages that they hand on. The
     * session's thread calls beat() and awaitEnd(). `heard`, `closing` and `over` are volatile or guarded by
     * `this`.
     *
     * A client that sends more than it reads is not read from: each message that is answered, and each ping,
     * waits for room in the outbox.
     */
    private static final int MAX_ANSWERS_BYTES = 64 << 10;
    private static final int MAX_UNANSWERED_PINGS = 2;
    private static final byte[] PING = ServerFrame.of(Opcode.PING, new byte[0]);

    /** Takes the messages of a client. What it throws ends the connection. */
    public interface Messages {

        /**
         * A text message, in valid UTF-8.
         *
         * @throws WsFault if it breaks a rule
         */
        void text(byte[] utf8);

        /**
         * A binary message.
         *
         * @throws WsFault if it breaks a rule
         */
        void binary(byte[] data);
    }

    /**
     * What connections are bounded by.
     *
     * @param maxMessageBytes how long a message of a client may be
     * @param deadlines for the rest of a message, and for room to answer
     */
    public record Bounds(int maxMessageBytes, Deadlines deadlines) {}

    private static final System.Logger LOGGER = System.getLogger(WsConnection.class.getName());

    private final Outbox<?> outbox;
    private final Bounds bounds;
    private final Messages messages;
    private final MessageReader reader;
    private @Nullable ByteArrayOutputStream pongs; // that are to be sent
    private Deadlines.@Nullable Wait rest; // while a part of a message is missing
    private int bytesSinceProgress;
    private boolean done; // what comes is not looked at any more

    private volatile boolean heard;
    private int unansweredPings; // for the thread that owns the outbox
    private volatile @Nullable CloseStatus closing;
    private boolean over; // guarded by this

    /**
     * @param compression whether the client may compress its messages
     * @param memory an allowance for a message that arrives in parts
     * @param messages makes what takes the messages of this connection
     */
    public WsConnection(
            Outbox<?> outbox,
            boolean compression,
            Bounds bounds,
            Supplier<Allowance> memory,
            Function<WsConnection, Messages> messages) {
        this.outbox = outbox;
        this.bounds = bounds;
        this.messages = messages.apply(this);
        this.reader =
                new MessageReader(bounds.maxMessageBytes(), compression, memory, new Frames());
    }

    /**
     * The status with which the client or a fault has closed it; null if neither has. Any thread.
     */
    @Nullable CloseStatus closing() {
        return closing;
    }

    /** Ends the connection, and tells the client why. Any thread. */
    public void close(CloseStatus status) {
        close(status, CloseReason.CLIENT_FAULT);
    }

    private void close(CloseStatus status, CloseReason reason) {
        synchronized (this) {
            if (closing == null) {
                closing = status;
            }
        }
        outbox.close(reason);
    }

    /**
     * {@return a ping} A client that has sent nothing since the last two is given up: their pongs,
     * or anything else, were due. For the thread that owns the outbox.
     */
    public byte[] ping() {
        if (heard) {
            heard = false;
            unansweredPings = 0;
        }
        if (++unansweredPings > MAX_UNANSWERED_PINGS) {
            close(new CloseStatus(CloseStatus.POLICY_VIOLATION, "no-pong"));
        }
        return PING;
    }

    @Override
    public void received(byte[] bytes) {
        heard = true;
        if (done) {
            return;
        }
        endWait(bytes.length);
        try {
            reader.read(bytes);
            flushPongs();
        } catch (WsFault e) {
            fail(e.status());
        } catch (ProblemException e) {
            fail(new CloseStatus(CloseStatus.TRY_AGAIN_LATER, e.problem().rule()));
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.WARNING, "a message was not handled", e);
            fail(new CloseStatus(CloseStatus.INTERNAL_ERROR, "internal"));
        }
        if (!done && reader.awaitsRest()) {
            beginWait();
        }
    }

    private void fail(CloseStatus status) {
        done = true;
        reader.close();
        close(status);
    }

    /** The rest of a message must arrive as the body of a request must. */
    private void beginWait() {
        Deadlines.Wait wait = rest;
        if (wait == null) {
            long limit = bounds.deadlines().limits().read().toNanos();
            wait = bounds.deadlines().wait(() -> limit, this::expire);
            rest = wait;
        }
        wait.begin();
    }

    private void endWait(int arrived) {
        Deadlines.Wait wait = rest;
        if (wait == null) {
            return;
        }
        wait.end();
        bytesSinceProgress += arrived;
        if (bytesSinceProgress >= bounds.deadlines().limits().readBytes()) {
            bytesSinceProgress = 0;
            wait.progress();
        }
    }

    private void messageArrived() {
        Deadlines.Wait wait = rest;
        if (wait != null) {
            wait.close();
            rest = null;
            bytesSinceProgress = 0;
        }
    }

    private void expire() {
        close(new CloseStatus(CloseStatus.POLICY_VIOLATION, "a message did not arrive in time"));
    }

    @Override
    public void ended() {
        done = true;
        reader.close();
        Deadlines.Wait wait = rest;
        if (wait != null) {
            wait.close();
        }
        over();
        outbox.close(CloseReason.CLIENT_LEFT);
    }

    private synchronized void over() {
        over = true;
        notifyAll();
    }

    /** Waits until the client has closed its side too, or is gone, but not for longer than that. */
    void awaitEnd(Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        synchronized (this) {
            try {
                while (!over) {
                    long left = deadline - System.nanoTime();
                    if (left <= 0) {
                        return;
                    }
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt(); // the connection is cut
            }
        }
    }

    /**
     * Waits until the client has taken most of what it was answered, so that it cannot ask for more
     * than it reads. For the receiving thread.
     *
     * @throws WsFault if that takes too long
     */
    public void awaitRoom() {
        Duration atMost = bounds.deadlines().limits().write();
        try {
            if (!outbox.awaitRoom(MAX_ANSWERS_BYTES, atMost)) {
                throw new WsFault(CloseStatus.POLICY_VIOLATION, "answers are not read");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new WsFault(CloseStatus.GOING_AWAY, "");
        }
    }

    /** The pings of one read are answered together, but before what follows them. */
    private void flushPongs() {
        ByteArrayOutputStream due = pongs;
        if (due != null) {
            pongs = null;
            awaitRoom();
            var _ = outbox.send(due.toByteArray());
        }
    }

    private final class Frames implements MessageReader.Listener {

        @Override
        public void message(boolean text, byte[] payload) {
            messageArrived();
            if (done) {
                return;
            }
            flushPongs();
            if (text) {
                messages.text(payload);
            } else {
                messages.binary(payload);
            }
        }

        @Override
        public void control(int opcode, byte[] payload) {
            if (done) {
                return;
            }
            switch (opcode) {
                case Opcode.PING -> pong(payload);
                case Opcode.CLOSE -> closed(payload);
                default -> {
                    // A pong: that something came is all that counts.
                }
            }
        }

        private void pong(byte[] payload) {
            ByteArrayOutputStream due = pongs;
            if (due == null) {
                due = new ByteArrayOutputStream();
                pongs = due;
            }
            due.writeBytes(ServerFrame.of(Opcode.PONG, payload));
        }

        private void closed(byte[] payload) {
            CloseStatus answer = answer(payload);
            flushPongs();
            done = true;
            over();
            close(answer, CloseReason.CLIENT_CLOSED);
        }

        /** RFC 6455, section 5.5.1: mostly what the client has said. */
        private CloseStatus answer(byte[] payload) {
            if (payload.length == 0) {
                return new CloseStatus(CloseStatus.NONE, "");
            }
            if (payload.length == 1) {
                throw WsFault.protocol("a status code has two bytes");
            }
            int code = (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
            if (!CloseStatus.isValid(code)) {
                throw WsFault.protocol("invalid status code code=" + code);
            }
            var utf8 = new Utf8Check();
            if (!utf8.accepts(payload, 2, payload.length) || !utf8.end()) {
                throw WsFault.notUtf8();
            }
            return new CloseStatus(code, "");
        }
    }
}
