package dev.longwave.server.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.server.ops.FiguresSample.Rates;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FiguresSamplerTest {

    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");
    private static final Duration NEVER = Duration.ofDays(1);

    private volatile Instant now = START;
    private volatile NodeFigures figures = figures(0, 0, 0);
    private final FiguresSampler sampler =
            new FiguresSampler(() -> figures, () -> now, Duration.ofSeconds(1));

    /** Its thread takes no sample by itself, so that the test decides when there is one. */
    private final FiguresSampler still = new FiguresSampler(() -> figures, () -> now, NEVER);

    @AfterEach
    void close() {
        sampler.close();
        still.close();
    }

    @Test
    void knowsNoRatesAtFirst() {
        assertThat(sampler.current())
                .isEqualTo(new FiguresSample(1, START, figures(0, 0, 0), null));
    }

    @Test
    void computesRatesOverTheTimeThatHasPassed() {
        var _ = sampler.current();
        now = START.plusSeconds(4);
        figures = figures(8, 40, 2);

        assertThat(sampler.current())
                .isEqualTo(new FiguresSample(2, now, figures, new Rates(2, 10, 0.5)));
    }

    @Test
    void givesNoNegativeRates() {
        figures = figures(0, 10, 0);
        var _ = sampler.current();
        now = START.plusSeconds(1);
        figures = figures(0, 9, 0);

        assertThat(sampler.current().rates()).isEqualTo(new Rates(0, 0, 0));
    }

    @Test
    void knowsNoRatesOverALongTime() {
        var _ = sampler.current();
        now = START.plusSeconds(11);
        figures = figures(8, 40, 2);

        assertThat(sampler.current()).isEqualTo(new FiguresSample(2, now, figures, null));
    }

    @Test
    void knowsNoRatesWhenTheClockWasSetBack() {
        var _ = sampler.current();
        now = START.minusSeconds(2);

        assertThat(sampler.current()).isEqualTo(new FiguresSample(2, now, figures, null));
    }

    @Test
    void givesTheSameSampleToClientsThatAskAtTheSameTime() {
        FiguresSample first = sampler.current();
        now = START.plusMillis(499);

        assertThat(sampler.current()).isSameAs(first);
        now = START.plusMillis(500);
        assertThat(sampler.current()).isNotSameAs(first);
    }

    @Test
    void givesAWatchTheCurrentSampleAtOnceAndThenEachNewOne() throws Exception {
        try (FiguresSampler.Watch watch = still.watch(1).orElseThrow()) {
            assertThat(watch.next().orElseThrow().number()).isEqualTo(1);
            CompletableFuture<Optional<FiguresSample>> next =
                    CompletableFuture.supplyAsync(() -> next(watch));
            now = START.plusSeconds(1);
            figures = figures(3, 6, 0);

            FiguresSample sample = still.sample();

            assertThat(next.join()).contains(sample);
            assertThat(sample.rates()).isEqualTo(new Rates(3, 6, 0));
        }
    }

    @Test
    void givesAWatchNoSampleOfLongAgo() throws Exception {
        var _ = sampler.current();
        now = START.plusSeconds(3600);

        try (FiguresSampler.Watch watch = sampler.watch(1).orElseThrow()) {
            assertThat(watch.next().orElseThrow().time()).isEqualTo(now);
        }
    }

    @Test
    void samplesRegularlyWhileAClientWatches() throws Exception {
        var quick = new FiguresSampler(() -> figures, () -> now, Duration.ofMillis(1));
        try (quick;
                FiguresSampler.Watch watch = quick.watch(1).orElseThrow()) {
            for (int i = 1; i <= 5; i++) {
                assertThat(watch.next().orElseThrow().number()).isGreaterThanOrEqualTo(i);
            }
        }
    }

    @Test
    void hasAThreadOnlyWhileAClientWatches() {
        await().until(() -> threads() == 0); // another test's may still be ending
        try (var one = still.watch(2).orElseThrow()) {
            try (var two = still.watch(2).orElseThrow()) {
                assertThat(one).isNotSameAs(two);
                assertThat(threads()).isOne();
            }
            assertThat(threads()).isOne();
        }
        await().until(() -> threads() == 0);

        try (var again = still.watch(2).orElseThrow()) {
            assertThat(again).isNotNull();
            assertThat(threads()).isOne();
        }
        await().until(() -> threads() == 0);
    }

    @Test
    void refusesMoreWatchesThanAllowed() {
        var watches = IntStream.range(0, 3).mapToObj(_ -> still.watch(3).orElseThrow()).toList();

        assertThat(still.watch(3)).isEmpty();
        watches.getFirst().close();
        assertThat(still.watch(3)).isPresent();
    }

    @Test
    void goesOnAfterAFailure() throws Exception {
        var failing =
                new FiguresSampler(
                        () -> {
                            NodeFigures present = figures;
                            if (present.events() == 1) {
                                figures = figures(2, 0, 0);
                                throw new IllegalStateException("the first reading fails");
                            }
                            return present;
                        },
                        () -> now,
                        Duration.ofMillis(1));
        try (failing;
                FiguresSampler.Watch watch = failing.watch(1).orElseThrow()) {
            var _ = watch.next();
            figures = figures(1, 0, 0);

            FiguresSample sample;
            do {
                sample = watch.next().orElseThrow();
            } while (sample.figures().events() == 0);

            assertThat(sample.figures().events()).isEqualTo(2);
        }
    }

    @Test
    void endsItsWatchesWhenItIsClosed() throws Exception {
        try (FiguresSampler.Watch watch = still.watch(2).orElseThrow();
                FiguresSampler.Watch late = still.watch(2).orElseThrow()) {
            assertThat(watch.next()).isPresent();
            CompletableFuture<Optional<FiguresSample>> next =
                    CompletableFuture.supplyAsync(() -> next(watch));

            still.close();

            assertThat(next.join()).isEmpty();
            assertThat(late.next()).isEmpty();
        }
        await().until(() -> threads() == 0);
    }

    private static Optional<FiguresSample> next(FiguresSampler.Watch watch) {
        try {
            return watch.next();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("longwave-figures"))
                .count();
    }

    private static NodeFigures figures(long events, long deliveries, long gaps) {
        return new NodeFigures(1, Map.of(), 2, 3, 4, events, deliveries, gaps);
    }
}
