package dev.longwave.server.toy;

import dev.longwave.core.CloseReason;
import dev.longwave.core.Cursors;
import dev.longwave.server.session.Sink;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Writes lines to a socket, from the session's thread alone. */
final class JsonLineSink implements Sink<JsonLineBatch> {

    private final OutputStream out;
    private final JsonLineBatch batch = new JsonLineBatch();

    JsonLineSink(OutputStream out) {
        this.out = out;
    }

    @Override
    public JsonLineBatch batch() {
        return batch;
    }

    /** The first line says where the stream begins. */
    @Override
    public boolean open(Cursors cursors, Runnable onClosed) {
        write("{\"id\":\"%s\"}\n".formatted(cursors.id()).getBytes(StandardCharsets.US_ASCII));
        return false;
    }

    @Override
    public void write(JsonLineBatch events) {
        write(events.bytes());
    }

    @Override
    public boolean tryWrite(JsonLineBatch events) {
        throw new UnsupportedOperationException("a plain socket has no write that does not wait");
    }

    @Override
    public void end(CloseReason reason) {
        write("{\"end\":\"%s\"}\n".formatted(reason.word()).getBytes(StandardCharsets.US_ASCII));
    }

    private void write(byte[] bytes) {
        try {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
