package dev.longwave.server.auth;

/**
 * A bucket that fills at a steady rate, and from which each use takes: short bursts pass, and in
 * the long run no more than the rate does. Not safe for many threads.
 */
final class TokenBucket {

    private final double perNano;
    private final double capacity;
    private double level;
    private long filledNanos;

    /**
     * A full bucket.
     *
     * @param perSecond how much flows in
     * @param capacity how much it holds
     */
    TokenBucket(double perSecond, double capacity, long nowNanos) {
        this.perNano = perSecond / 1e9;
        this.capacity = capacity;
        this.level = capacity;
        this.filledNanos = nowNanos;
    }

    /**
     * Takes {@code amount}, if there is as much. From a full bucket any amount can be taken: it
     * goes below zero then, and what is larger than the bucket is paid for afterwards.
     *
     * @return 0, or else after how many seconds to try again
     */
    long take(double amount, long nowNanos) {
        fill(nowNanos);
        double needed = Math.min(amount, capacity);
        if (level >= needed) {
            level -= amount;
            return 0;
        }
        return Math.max(1, (long) Math.ceil((needed - level) / perNano / 1e9));
    }

    /** {@return whether it is as full as a new one} */
    boolean isFull(long nowNanos) {
        fill(nowNanos);
        return level >= capacity;
    }

    private void fill(long nowNanos) {
        level = Math.min(capacity, level + (nowNanos - filledNanos) * perNano);
        filledNanos = nowNanos;
    }
}
