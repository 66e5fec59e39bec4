package dev.longwave.cli;

import dev.longwave.broker.Durations;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer as it comes, piece by piece, with a deadline on each: what an input stream
 * does not have. The HTTP client's thread fills it and one thread reads it.
 */
final class StreamBody implements BodySubscriber<StreamBody> {
    /*
     * One piece is requested at a time, so that the queue never holds more than a piece and the end.
     */

    private sealed interface Signal {}

    private record Piece(List<ByteBuffer> buffers) implements Signal {}

    private record End(@Nullable Throwable failure) implements Signal {}

    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

    @Override
    public CompletionStage<StreamBody> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        given.request(1);
        subscription.complete(given);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        signals.add(new Piece(buffers));
    }

    @Override
    public void onError(Throwable failure) {
        signals.add(new End(failure));
    }

    @Override
    public void onComplete() {
        signals.add(new End(null));
    }

    /**
     * {@return the next bytes, or none at all at the end of the body}
     *
     * @throws HttpTimeoutException if nothing came for {@code timeout}
     * @throws IOException if the connection broke
     */
    List<ByteBuffer> next(Duration timeout) throws IOException, InterruptedException {
        Signal signal = signals.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        return switch (signal) {
            case null ->
                    throw new HttpTimeoutException(
                            "received nothing for " + Durations.text(timeout));
            case Piece(List<ByteBuffer> buffers) -> {
                subscription.join().request(1);
                yield buffers;
            }
            case End(Throwable failure) when failure != null ->
                    throw new IOException(failure.getMessage(), failure);
            case End _ -> List.of();
        };
    }

    /** Ends the request, whatever is still to come. */
    void cancel() {
        var _ = subscription.thenAccept(Flow.Subscription::cancel);
    }
}
