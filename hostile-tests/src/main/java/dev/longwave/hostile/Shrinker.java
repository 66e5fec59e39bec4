package dev.longwave.hostile;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Makes an input smaller for which a server is at fault: first without units, then without bytes.
 */
final class Shrinker {

    private static final int ATTEMPTS = 300;
    private static final int SLOW_ATTEMPTS = 20;

    private final Judge judge;
    private int attempts;

    Shrinker(Judge judge, boolean slow) {
        this.judge = judge;
        this.attempts = slow ? SLOW_ATTEMPTS : ATTEMPTS;
    }

    FuzzInput shrink(FuzzInput input) throws IOException {
        FuzzInput smaller = input;
        for (int i = smaller.units().size() - 1; i >= 0; i--) {
            List<byte[]> fewer = new ArrayList<>(smaller.units());
            fewer.remove(i);
            smaller = better(smaller, smaller.with(fewer));
        }
        for (int part = smaller.bytes().length / 2; part > 0; part /= 2) {
            for (int at = 0; at + part <= smaller.bytes().length; at += part) {
                smaller =
                        better(smaller, smaller.with(List.of(without(smaller.bytes(), at, part))));
            }
        }
        return smaller;
    }

    private FuzzInput better(FuzzInput known, FuzzInput smaller) throws IOException {
        if (attempts == 0) {
            return known;
        }
        attempts--;
        Optional<String> fault = judge.faultOf(smaller);
        return fault.isPresent() ? smaller : known;
    }

    private static byte[] without(byte[] bytes, int at, int count) {
        byte[] rest = Arrays.copyOf(bytes, bytes.length - count);
        System.arraycopy(bytes, at + count, rest, at, rest.length - at);
        return rest;
    }
}
