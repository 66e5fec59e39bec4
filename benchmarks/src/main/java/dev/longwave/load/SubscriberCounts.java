package dev.longwave.load;

/** Counts subscribers that connect, leave, or fail. */
final class SubscriberCounts {
    private int open;
    private int refused;
    private int lost;
    private String firstFailure = "";

    void opened() {
        open++;
    }

    void left() {
        open--;
    }

    void refused(int streams, String reason) {
        refused += streams;
        if (streams > 0) {
            note(reason);
        }
    }

    void lost(int streams, String reason) {
        open -= streams;
        lost += streams;
        if (streams > 0) {
            note(reason);
        }
    }

    private void note(String reason) {
        if (firstFailure.isEmpty()) {
            firstFailure = reason;
        }
    }

    int open() {
        return open;
    }

    /** {@return how many never got a stream} */
    int refusedCount() {
        return refused;
    }

    /** {@return how many lost their stream} */
    int lostCount() {
        return lost;
    }

    String firstFailure() {
        return firstFailure;
    }
}
