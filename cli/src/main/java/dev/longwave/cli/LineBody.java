package dev.longwave.cli;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The body of a request that sends lines as they come: NDJSON, from the front of a buffer, which it
 * leaves as it is. It ends after so many lines, so many characters, so much time, or when the input
 * is quiet, so that what is sent and not acknowledged stays bounded. For one subscriber.
 */
final class LineBody implements Flow.Publisher<ByteBuffer> {
    /*
     * A body from an input stream would be simpler, but the HTTP client reads ahead on the thread
     * that writes: a line would wait in the client until the next one comes. So a thread of its own
     * waits for lines here, and hands them over when they are there and asked for.
     */

    private static final int PIECE_BYTES = 16 << 10;
    private static final int MAX_DEMAND = 1 << 10;

    private final LineBuffer buffer;
    private final long quietNanos;
    private final long openNanos;
    private final AtomicBoolean subscribed = new AtomicBoolean();
    private final AtomicInteger count = new AtomicInteger();

    /**
     * @param quiet ends after this long without a line
     * @param open ends after this long in any case
     */
    LineBody(LineBuffer buffer, Duration quiet, Duration open) {
        this.buffer = buffer;
        this.quietNanos = quiet.toNanos();
        this.openNanos = open.toNanos();
    }

    /** {@return how many lines the body has so far} */
    int count() {
        return count.get();
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        var pump = new Pump(subscriber);
        subscriber.onSubscribe(pump);
        if (subscribed.getAndSet(true)) {
            subscriber.onError(new IllegalStateException("a request's lines are sent once"));
        } else {
            pump.thread.start();
        }
    }

    private final class Pump implements Flow.Subscription {

        private final Flow.Subscriber<? super ByteBuffer> subscriber;
        private final Semaphore demand = new Semaphore(0);
        private final Thread thread = Thread.ofVirtual().unstarted(this::run);
        private int chars; // confined to the thread

        Pump(Flow.Subscriber<? super ByteBuffer> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long pieces) {
            demand.release(Math.clamp(pieces, 0, MAX_DEMAND));
        }

        @Override
        public void cancel() {
            thread.interrupt();
        }

        private void run() {
            long end = System.nanoTime() + openNanos;
            try {
                while (true) {
                    demand.acquire();
                    byte[] piece = piece(Math.min(quietNanos, end - System.nanoTime()));
                    if (piece.length == 0) {
                        subscriber.onComplete();
                        return;
                    }
                    subscriber.onNext(ByteBuffer.wrap(piece));
                }
            } catch (InterruptedException _) {
                // Cancelled: nobody wants to hear of this body any more.
            }
        }

        /** Waits for a line, and takes along those that are there already. */
        private byte[] piece(long timeoutNanos) throws InterruptedException {
            var piece = new ByteArrayOutputStream();
            Optional<Line> line = next(timeoutNanos);
            while (line.isPresent()) {
                piece.writeBytes((line.get().json() + '\n').getBytes(StandardCharsets.UTF_8));
                line = piece.size() < PIECE_BYTES ? next(0) : Optional.empty();
            }
            return piece.toByteArray();
        }

        private Optional<Line> next(long timeoutNanos) throws InterruptedException {
            if (count() == LineBuffer.MAX_REQUEST_LINES || chars >= LineBuffer.MAX_REQUEST_CHARS) {
                return Optional.empty();
            }
            Optional<Line> line = buffer.await(count(), timeoutNanos);
            line.ifPresent(present -> {
                chars += present.json().length();
                count.incrementAndGet();
            });
            return line;
        }
    }
}
