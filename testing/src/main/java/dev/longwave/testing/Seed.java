package dev.longwave.testing;

import java.util.random.RandomGenerator;

/** Where a test's randomness comes from. */
public final class Seed {

    private static final System.Logger LOG = System.getLogger(Seed.class.getName());
    private static final String PROPERTY = "longwave.test.seed";

    private Seed() {}

    /**
     * {@return a new seed, which is logged, or that of the system property {@code
     * longwave.test.seed}, to see a failure again}
     */
    public static long fresh() {
        Long given = Long.getLong(PROPERTY);
        long seed = given == null ? RandomGenerator.getDefault().nextLong() : given;
        LOG.log(System.Logger.Level.INFO, "-D{0}={1}", PROPERTY, Long.toString(seed));
        return seed;
    }
}
