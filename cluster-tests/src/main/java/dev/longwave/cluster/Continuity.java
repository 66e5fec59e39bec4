package dev.longwave.cluster;

import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** Whether what a reader got of a topic is the log, but for events that the log has lost. */
final class Continuity {
    /*
     * The reader gets the log, event by event. Events that the log has lost since come only right before a gap; after it the
     * reader gets the log from where it was. Where an id does not tell a lost event from the same one published again,
     * both readings are followed, like the states of a nondeterministic automaton: how much of the log the reader had got,
     * and whether it has got a lost event since.
     */
    private final List<Receipt> log;
    private final BiPredicate<Receipt, Receipt> same;
    private final Predicate<Receipt> mayBeLost;

    /**
     * @param same whether a receipt is the one of the log
     * @param mayBeLost whether a receipt may be of an event that the log has lost
     */
    Continuity(
            List<Receipt> log, BiPredicate<Receipt, Receipt> same, Predicate<Receipt> mayBeLost) {
        this.log = log;
        this.same = same;
        this.mayBeLost = mayBeLost;
    }

    /**
     * {@return the number of the first event that does not fit, or -1}
     *
     * @param gaps how many events had been got before each gap
     */
    int breach(List<Receipt> got, Set<Integer> gaps) {
        int lastGap = gaps.stream().max(Integer::compare).orElse(-1);
        var following = new BitSet(); // how much of the log it may have got
        var astray = new BitSet(); // the same, with lost events after that
        following.set(0);
        for (int i = 0; i < got.size(); i++) {
            if (gaps.contains(i)) {
                following.or(astray);
                astray.clear();
            }
            Receipt receipt = got.get(i);
            if (i < lastGap && mayBeLost.test(receipt)) {
                astray.or(following);
            } else {
                astray.clear();
            }
            following = after(following, receipt);
            if (following.isEmpty() && astray.isEmpty()) {
                return i;
            }
        }
        if (lastGap == got.size()) {
            following.or(astray);
        }
        return following.get(log.size()) ? -1 : got.size();
    }

    private BitSet after(BitSet following, Receipt receipt) {
        var next = new BitSet();
        for (int j = following.nextSetBit(0); j >= 0; j = following.nextSetBit(j + 1)) {
            if (j < log.size() && same.test(receipt, log.get(j))) {
                next.set(j + 1);
            }
        }
        return next;
    }
}
