package dev.longwave.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Finds events in an event stream of Centrifugo, where each is in JSON on a line of its own. */
final class CentrifugeEvents implements HttpResponse.Body, MessageScanner.Sink {
    private final Subscription subscription;
    private final MessageScanner scanner =
            new MessageScanner(this, Dialect.CENTRIFUGE.marker(), true);

    CentrifugeEvents(Subscription subscription) {
        this.subscription = subscription;
    }

    @Override
    public void bytes(ByteBuffer buffer, int from, int to) throws IOException {
        scanner.scan(buffer, from, to);
    }

    @Override
    public void event(long sequence, long dueAt) {
        subscription.event(sequence, dueAt);
    }

    @Override
    public void other(String line) throws IOException {
        String message = line.strip();
        if (message.equals("data: {}")) {
            subscription.comment();
        } else if (!message.isEmpty() && !message.contains("\"connect\":")) {
            subscription.foreign();
        }
    }
}
