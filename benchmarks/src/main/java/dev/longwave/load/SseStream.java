package dev.longwave.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Server-sent events. */
final class SseStream implements EventStream {
    private final byte[] request;
    private final HttpResponse response;

    SseStream(Requests requests, Subscription subscription) {
        request = requests.subscribe(subscription.topic());
        response =
                new HttpResponse(
                        requests.target() == Target.CENTRIFUGO
                                ? new CentrifugeEvents(subscription)
                                : new EventScanner(subscription)::scan);
    }

    @Override
    public byte[] request() {
        return request;
    }

    @Override
    public void read(ByteBuffer bytes, Output output) throws IOException {
        response.read(bytes);
        if (response.hasHead() && response.status() != 200) {
            throw new IOException("status " + response.status());
        }
        if (response.isComplete()) {
            throw new EventLoop.ConnectionEndedException();
        }
    }

    @Override
    public boolean isOpen() {
        return response.hasHead();
    }
}
