package dev.longwave.hostile;

import java.util.SplittableRandom;

/** Random choices, the same for the same seed. For one thread. */
final class Dice {

    private final SplittableRandom random;

    Dice(long seed) {
        random = new SplittableRandom(seed);
    }

    /** {@return a number from {@code min} to {@code max}, both included} */
    int number(int min, int max) {
        return random.nextInt(min, max + 1);
    }

    /** {@return true in so many of a hundred cases} */
    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    String one(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** {@return bytes of any value, as text in ISO 8859-1} */
    String noise(int maxLength) {
        var noise = new StringBuilder();
        for (int left = number(0, maxLength); left > 0; left--) {
            noise.append((char) number(0, 255));
        }
        return noise.toString();
    }

    byte[] noiseBytes(int maxLength) {
        return Requests.bytes(noise(maxLength));
    }

    String letters(int length) {
        return Character.toString(number('a', 'z')).repeat(length);
    }

    /** {@return a length that is usually small, and sometimes near or beyond a limit} */
    int length() {
        return switch (number(0, 19)) {
            case 0 -> number(250, 260);
            case 1 -> number(4_090, 4_100);
            case 2 -> number(8_190, 8_200);
            case 3 -> number(16_380, 16_390);
            case 4 -> number(65_530, 65_540);
            default -> number(0, 20);
        };
    }
}
