package dev.longwave.hostile;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Sends inputs, several at a time, until the time is over or the server is at fault. */
final class Fuzzer {

    private static final int CONNECTIONS = 12;
    private static final int MUTATED_PERCENT = 60;
    private static final int ENDING_PERCENT = 90;
    private static final int HTTP_1_PERCENT = 55;

    private final Target target;
    private final Judge judge;
    private final long seed;
    private final AtomicLong inputs = new AtomicLong();
    private final AtomicReference<@Nullable Failure> failure = new AtomicReference<>();

    private record Failure(long number, FuzzInput input, String fault) {}

    Fuzzer(Target target, long seed) {
        this.target = target;
        this.judge = new Judge(target);
        this.seed = seed;
    }

    /** {@return the input with this number, always the same for a seed} */
    FuzzInput input(long number) {
        var dice = new Dice(seed + number);
        boolean http1 = dice.chance(HTTP_1_PERCENT);
        List<byte[]> units = http1 ? Http1Grammar.units(dice) : Http2Grammar.units(dice);
        return new FuzzInput(
                http1 ? FuzzInput.Protocol.HTTP_1 : FuzzInput.Protocol.HTTP_2,
                dice.chance(MUTATED_PERCENT) ? Mutation.of(dice, units) : units,
                dice.chance(ENDING_PERCENT));
    }

    /** Sends inputs for that long. Returns how many; fails with the smallest bytes for a fault. */
    long run(Duration time) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        new Crowd().with(CONNECTIONS, () -> sendUntil(end)).act();
        Failure found = failure.get();
        if (found != null) {
            throw new AssertionError(description(found));
        }
        return inputs.get();
    }

    private void sendUntil(long end) throws IOException {
        while (failure.get() == null && System.nanoTime() - end < 0) {
            long number = inputs.getAndIncrement();
            FuzzInput input = input(number);
            Optional<String> fault = target.isAlive() ? judge.faultOf(input) : Optional.of("dead");
            fault.ifPresent(
                    words -> failure.compareAndSet(null, new Failure(number, input, words)));
        }
    }

    private String description(Failure found) throws IOException {
        boolean slow = found.fault.startsWith("silent");
        FuzzInput small =
                target.isAlive() ? new Shrinker(judge, slow).shrink(found.input) : found.input;
        return """
        %s
        input %d of -Dlongwave.fuzz.seed=%d, made smaller:
        %s
        again: -Dlongwave.fuzz.replay=%s
        before:
        %s\
        """
                .formatted(found.fault, found.number, seed, small, small.word(), found.input);
    }
}
