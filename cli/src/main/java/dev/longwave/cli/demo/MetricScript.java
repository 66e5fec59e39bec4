package dev.longwave.cli.demo;

import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Five samples a second of each series of a dashboard. The series is the event's key: a reader that
 * falls behind needs the newest of each, and no more.
 */
final class MetricScript implements Script {

    static final String TOPIC = "demo/metrics";

    private static final Duration INTERVAL = Duration.ofMillis(200);

    private final List<Series> series;
    private final InstantSource clock;

    MetricScript(RandomGenerator random, InstantSource clock) {
        this.clock = clock;
        this.series =
                List.of(
                        new Series("requests", new Walk(random, 1_200, 200)),
                        new Series("latency", new Walk(random, 42, 9)),
                        new Series("errors", new Walk(random, 0.8, 0.35)));
    }

    @Override
    public List<Step> nextScene() {
        String time = clock.instant().plus(INTERVAL).truncatedTo(ChronoUnit.MILLIS).toString();
        return List.of(
                new Step(INTERVAL, series.get(0).sample(time)),
                new Step(Duration.ZERO, series.get(1).sample(time)),
                new Step(Duration.ZERO, series.get(2).sample(time)));
    }

    private record Series(String name, Walk walk) {
        DemoEvent sample(String time) {
            double value = Math.round(walk.next() * 100) / 100.0;
            return DemoEvent.json(TOPIC, "metric", new Sample(name, value, time)).keyed(name);
        }
    }

    private record Sample(String series, double value, String time) {}

    /** A random walk with inertia that is drawn back to its mean, and never negative. */
    private static final class Walk {
        private static final double INERTIA = 0.85;
        private static final double PULL = 0.015;
        private static final double PUSH = 0.06;

        private final RandomGenerator random;
        private final double mean;
        private final double spread;

        private double value;
        private double speed;

        Walk(RandomGenerator random, double mean, double spread) {
            this.random = random;
            this.mean = mean;
            this.spread = spread;
            this.value = mean;
        }

        double next() {
            speed = INERTIA * speed + PULL * (mean - value) + PUSH * spread * random.nextGaussian();
            value = Math.max(0, value + speed);
            return value;
        }
    }
}
