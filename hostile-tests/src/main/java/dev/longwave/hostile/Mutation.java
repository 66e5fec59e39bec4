package dev.longwave.hostile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Damages an input a little. */
final class Mutation {

    private Mutation() {}

    static List<byte[]> of(Dice dice, List<byte[]> units) {
        List<byte[]> mutated = new ArrayList<>(units);
        for (int left = dice.number(1, 3); left > 0 && !mutated.isEmpty(); left--) {
            int at = dice.number(0, mutated.size() - 1);
            switch (dice.number(0, 6)) {
                case 0 -> mutated.remove(at);
                case 1 -> mutated.add(at, mutated.get(at));
                case 2 -> mutated.add(at, mutated.get(dice.number(0, mutated.size() - 1)));
                default -> mutated.set(at, mutated(dice, mutated.get(at)));
            }
        }
        return mutated;
    }

    private static byte[] mutated(Dice dice, byte[] unit) {
        int at = dice.number(0, unit.length);
        return switch (dice.number(0, 3)) {
            case 0 -> replaced(dice, unit);
            case 1 -> Arrays.copyOf(unit, at); // cut off
            case 2 -> without(unit, at, Math.min(unit.length, at + dice.number(1, 4)));
            default -> joined(unit, at, Requests.bytes(piece(dice)));
        };
    }

    private static byte[] replaced(Dice dice, byte[] unit) {
        byte[] copy = unit.clone();
        if (copy.length > 0) {
            copy[dice.number(0, copy.length - 1)] = (byte) dice.number(0, 255);
        }
        return copy;
    }

    private static byte[] without(byte[] unit, int from, int to) {
        byte[] rest = Arrays.copyOf(unit, unit.length - (to - from));
        System.arraycopy(unit, to, rest, from, unit.length - to);
        return rest;
    }

    private static byte[] joined(byte[] unit, int at, byte[] piece) {
        byte[] longer = Arrays.copyOf(unit, unit.length + piece.length);
        System.arraycopy(piece, 0, longer, at, piece.length);
        System.arraycopy(unit, at, longer, at + piece.length, unit.length - at);
        return longer;
    }

    private static String piece(Dice dice) {
        return dice.one(
                "\r\n",
                "\n",
                "\r",
                "\0",
                " ",
                "\t",
                "%",
                ":",
                ",",
                ";",
                "\"",
                "\u00ff",
                "\r\n\r\n",
                "\u001b[0m",
                dice.noise(5),
                dice.letters(dice.length()));
    }
}
