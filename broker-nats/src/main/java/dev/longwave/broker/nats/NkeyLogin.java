package dev.longwave.broker.nats;

import io.nats.client.AuthHandler;
import io.nats.client.NKey;
import java.io.IOException;
import java.security.GeneralSecurityException;

/** A login with only an NKey, whose public half the servers know. */
final class NkeyLogin implements AuthHandler {

    private static final char[] NO_JWT = {};

    private final char[] seed;

    /**
     * A login with this seed.
     *
     * @throws IllegalStateException if it is not an NKey seed
     */
    NkeyLogin(char[] seed) {
        this.seed = seed.clone();
        getID();
    }

    @Override
    public byte[] sign(byte[] nonce) {
        try {
            return NKey.fromSeed(seed).sign(nonce);
        } catch (GeneralSecurityException | IOException | IllegalArgumentException _) {
            throw notASeed();
        }
    }

    @Override
    public char[] getID() {
        try {
            return NKey.fromSeed(seed).getPublicKey();
        } catch (GeneralSecurityException | IOException | IllegalArgumentException _) {
            throw notASeed();
        }
    }

    @Override
    public char[] getJWT() {
        return NO_JWT;
    }

    /** {@return an exception without a cause, which might quote the file} */
    private static IllegalStateException notASeed() {
        return new IllegalStateException("broker.nats.nkey-file contains no NKey seed");
    }
}
