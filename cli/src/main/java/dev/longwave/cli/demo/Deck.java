package dev.longwave.cli.demo;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;

/** Deals its cards in random order, all of them before any comes again. For one thread. */
final class Deck<T> {

    private final Dice dice;
    private final List<T> cards;
    private final Queue<T> shuffled = new ArrayDeque<>();

    /** Makes a deck of {@code cards}: one at least. */
    Deck(Dice dice, List<T> cards) {
        this.dice = dice;
        this.cards = cards;
    }

    T deal() {
        if (shuffled.isEmpty()) {
            List<T> order = new ArrayList<>(cards);
            Collections.shuffle(order, dice.random());
            shuffled.addAll(order);
        }
        return shuffled.remove();
    }
}
