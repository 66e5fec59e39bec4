package dev.longwave.core;

/** What becomes of a subscriber that cannot keep up with its topic. */
public sealed interface LagPolicy {

    /** It reads what it missed back from the broker's history, then goes on live. */
    record Replay() implements LagPolicy {}

    /**
     * It skips to what is newest, for dashboards.
     *
     * @param behind how many events it may be behind before it skips, 1 or more
     * @param perKey whether the newest event of each key is kept, rather than the newest of all
     */
    record Latest(int behind, boolean perKey) implements LagPolicy {
        public Latest {
            if (behind < 1) {
                throw new IllegalArgumentException(
                        "behind is too small behind=" + behind + " min=1");
            }
        }
    }

    /** Its stream is closed; it comes back with its cursor. */
    record Disconnect() implements LagPolicy {}
}
