package dev.longwave.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class DemoDeckTest {

    @Test
    void dealsEveryCardBeforeAnyComesAgain() {
        List<String> cards = List.of("a", "b", "c");
        Deck<String> deck = new Deck<>(new Dice(new SplittableRandom(283)), cards);

        List<String> first = Stream.generate(deck::deal).limit(3).toList();
        List<String> second = Stream.generate(deck::deal).limit(3).toList();

        assertThat(first).containsExactlyInAnyOrderElementsOf(cards);
        assertThat(second).containsExactlyInAnyOrderElementsOf(cards);
    }
}
