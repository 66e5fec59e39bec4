package dev.longwave.server.ws;

import dev.longwave.core.Cursors;

/** What a connection to the raw endpoint is sent. */
interface RawFraming extends WsBatch.Framing {

    /** The frames that a connection begins with. */
    byte[] opening(Cursors cursors);
}
