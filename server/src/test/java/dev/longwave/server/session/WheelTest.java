package dev.longwave.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class WheelTest {

    private static final Duration TURN = Duration.ofMillis(7500);

    private long now = -17; // nanoTime may be negative
    private final Wheel<Integer> wheel = new Wheel<>(TURN, now);
    private final List<Integer> visited = new ArrayList<>();

    WheelTest() {
        for (int i = 0; i < 1000; i++) {
            wheel.sector().add(i);
        }
    }

    private void tick(int times) {
        for (int i = 0; i < times; i++) {
            wheel.tick(now, visited::addAll);
        }
    }

    private int ticksOfATurn() {
        return (int) TURN.dividedBy(wheel.tickInterval());
    }

    private void turn() {
        for (int i = 0; i < ticksOfATurn(); i++) {
            now += wheel.tickInterval().toNanos();
            tick(1);
        }
    }

    @Test
    void visitsEachElementOnceInATurn() {
        for (int turn = 1; turn <= 3; turn++) {
            visited.clear();

            turn();

            assertThat(visited).hasSize(1000).doesNotHaveDuplicates();
        }
    }

    @Test
    void visitsFewAtOnce() {
        wheel.tick(now, sector -> assertThat(sector).hasSizeBetween(1, 50));
        assertThat(ticksOfATurn()).isEqualTo(128);
    }

    @Test
    void doesNotVisitAnElementAgainAtOnceAfterAPause() {
        turn();
        visited.clear();

        now += 10 * TURN.toNanos();
        tick(10 * ticksOfATurn());

        assertThat(visited).hasSize(1000).doesNotHaveDuplicates();
    }

    @Test
    void goesOnAfterAPause() {
        turn();
        now += 10 * TURN.toNanos();
        tick(10 * ticksOfATurn());
        visited.clear();

        turn(); // those that were visited just now are left out
        turn();
        assertThat(new HashSet<>(visited)).hasSize(1000);

        visited.clear();
        turn();
        assertThat(visited).hasSize(1000).doesNotHaveDuplicates();
    }

    @Test
    void knowsItsElements() {
        Set<Integer> sector = wheel.sector();
        sector.add(1000);
        assertThat(wheel.size()).isEqualTo(1001);
        assertThat(wheel.all()).hasSize(1001).contains(1000);

        sector.remove(1000);

        List<Integer> seen = new ArrayList<>();
        wheel.forEach(seen::add);
        assertThat(seen).hasSize(1000).doesNotContain(1000);
    }
}
