package dev.longwave.server.net.helidon;

/**
 * Looks at the frames that are written to an HTTP/2 client, by the engine or by the guard. Safe for
 * many threads; does not block.
 */
final class WrittenFrames {

    private final GuardedStreams streams;
    private final ConnectionWindows windows;

    WrittenFrames(GuardedStreams streams, ConnectionWindows windows) {
        this.streams = streams;
        this.windows = windows;
    }

    void written(Frame frame) {
        switch (frame.type()) {
            case Frame.DATA -> {
                windows.sent(frame.length());
                noteEnd(frame);
            }
            case Frame.HEADERS -> noteEnd(frame);
            case Frame.WINDOW_UPDATE -> {
                if (frame.streamId() == 0) {
                    windows.open(frame.int31(0));
                }
            }
            case Frame.RST_STREAM ->
                    streams.find(frame.streamId())
                            .filter(stream -> !stream.isReset())
                            .ifPresent(streams::noteReset);
            default -> {
                // Nothing depends on it.
            }
        }
    }

    private void noteEnd(Frame frame) {
        if (frame.has(Frame.END_STREAM)) {
            streams.find(frame.streamId()).ifPresent(GuardedStream::answered);
        }
    }
}
