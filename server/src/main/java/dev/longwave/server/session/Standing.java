package dev.longwave.server.session;

/**
 * By what right a client listens: its credential, which a client can replace on some transports
 * while its stream is open. Safe for many threads.
 */
public final class Standing {

    private volatile Credential credential;
    private volatile Runnable renewed = () -> {};

    public Standing(Credential credential) {
        this.credential = credential;
    }

    /** {@return the one that counts now} */
    public Credential credential() {
        return credential;
    }

    /**
     * Replaces it. A revocation at the same moment may only have met the old one, so the caller
     * checks the new one afterwards.
     */
    public void renew(Credential newer) {
        credential = newer;
        renewed.run();
    }

    /** Has {@code action} run whenever it was replaced. Once, by those who serve the stream. */
    void onRenewed(Runnable action) {
        renewed = action;
    }
}
