package dev.longwave.server.net.helidon;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;

/** A writer that keeps nothing back: what the engine has it write is written at once. */
abstract class UnbufferedWriter implements DataWriter {

    @Override
    public void writeNow(BufferData... buffers) {
        for (BufferData buffer : buffers) {
            writeNow(buffer);
        }
    }

    @Override
    public final void write(BufferData buffer) {
        writeNow(buffer);
    }

    @Override
    public final void write(BufferData... buffers) {
        writeNow(buffers);
    }
}
