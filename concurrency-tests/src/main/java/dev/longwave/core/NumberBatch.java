package dev.longwave.core;

/**
 * The numbers of its events, one digit each, in the order in which they were added: 12 is event 1
 * and then event 2.
 */
final class NumberBatch implements Batch {

    private static final int FULL = 100;

    private int numbers;

    @Override
    public void add(Event event, Cursors cursors) {
        numbers = numbers * 10 + (int) event.position().major();
    }

    @Override
    public void addHeartbeat(Cursors cursors) {
        throw new IllegalStateException("nobody asked for a heartbeat");
    }

    @Override
    public boolean isEmpty() {
        return numbers == 0;
    }

    @Override
    public boolean isFull() {
        return numbers >= FULL;
    }

    @Override
    public void clear() {
        numbers = 0;
    }

    /** {@code received}, followed by what is in this batch. */
    int after(int received) {
        int shift = 1;
        while (shift <= numbers) {
            shift *= 10;
        }
        return received * shift + numbers;
    }
}
