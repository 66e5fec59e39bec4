package dev.longwave.server.centrifuge;

/** How the protocol is carried: what its JSON texts are wrapped in. */
interface Transport {

    /** {@return lines, each a JSON text without a line break, as they are written} */
    byte[] framed(byte[] lines);

    /** {@return whether the client is to answer pings, as nothing else says that it is there} */
    boolean wantsPongs();
}
