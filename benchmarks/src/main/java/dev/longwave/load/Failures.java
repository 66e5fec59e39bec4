package dev.longwave.load;

/** Requests to publish that failed. */
final class Failures {
    private int count;
    private String first = "";

    void note(String reason) {
        if (count++ == 0) {
            first = reason;
        }
    }

    int count() {
        return count;
    }

    String first() {
        return first;
    }
}
